// EVOLVE-BLOCK-START
// The centres of 26 circles: one in the middle, a ring of 8 and a ring of 17 around it.
const centres = [
  [0.5, 0.5],
  [0.6, 0.5],
  [0.571, 0.571],
  [0.5, 0.6],
  [0.429, 0.571],
  [0.4, 0.5],
  [0.429, 0.429],
  [0.5, 0.4],
  [0.571, 0.429],
  [0.73, 0.5],
  [0.714, 0.583],
  [0.67, 0.655],
  [0.603, 0.706],
  [0.521, 0.729],
  [0.437, 0.721],
  [0.361, 0.684],
  [0.304, 0.621],
  [0.274, 0.542],
  [0.274, 0.458],
  [0.304, 0.379],
  [0.361, 0.316],
  [0.437, 0.279],
  [0.521, 0.271],
  [0.603, 0.294],
  [0.67, 0.345],
  [0.714, 0.417],
];

// Each circle in turn grows towards whatever is nearest, a wall or another circle: first half of the way, then all of it.
function growRadii() {
  const radii = centres.map(() => 0);
  for (const share of [0.5, 1]) {
    centres.forEach(([x, y], i) => {
      let room = Math.min(x, y, 1 - x, 1 - y);
      centres.forEach(([otherX, otherY], j) => {
        if (j !== i) room = Math.min(room, Math.hypot(x - otherX, y - otherY) - radii[j]);
      });
      radii[i] += share * (room - radii[i]);
    });
  }
  return radii;
}
// EVOLVE-BLOCK-END

const radii = growRadii();
console.log(JSON.stringify(centres.map(([x, y], i) => [x, y, radii[i]])));
