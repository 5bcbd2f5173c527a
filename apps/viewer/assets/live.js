// @ts-check
// Keeps a page up to date. The server renders every number and every chart; this only puts them in their places.

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const notice = document.getElementById('connection');
const narrow = matchMedia('(max-width: 820px)');
const retryMs = 3000;
const quietMs = 30_000;

/** Seconds that the server's clock is ahead of this one. */
let clockAhead = Number(main.dataset.now) - Date.now() / 1000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {() => void} action @param {number} ms */
function later(action, ms) {
  clearTimeout(timer);
  timer = setTimeout(action, ms);
}

/** @param {string | null} text */
function showNotice(text) {
  if (!notice) return;
  notice.hidden = text === null;
  if (text !== null) notice.textContent = text;
}

/** @param {boolean} isPaused */
function showPaused(isPaused) {
  showNotice(isPaused ? 'Live updates paused, trying again.' : null);
}

/** What each element was last given. */
const given = new Map();

/** Without the times that this script counts on itself. @param {string} markup */
function timeless(markup) {
  return markup.replace(/(<time[^>]*>)[^<]*/g, '$1');
}

/** Puts in what differs from what is there; what is announced must not be put in again. @param {string} id @param {string} markup */
function place(id, markup) {
  const element = document.getElementById(id);
  if (!element || given.get(id) === timeless(markup)) return;
  const isFirst = !given.has(id);
  given.set(id, timeless(markup));
  const template = document.createElement('template');
  // Made and escaped by our own server.
  template.innerHTML = markup;
  if (isFirst && timeless(template.innerHTML) === timeless(element.innerHTML)) return;
  element.replaceChildren(template.content);
}

/** Words a span as src/format.ts does. @param {number} seconds */
function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const [m, h, d] = [Math.floor(s / 60), Math.floor(s / 3600), Math.floor(s / 86400)];
  if (s < 60) return `${s} s`;
  if (m < 10) return `${m} min ${s % 60} s`;
  if (h < 1) return `${m} min`;
  return d < 1 ? `${h} h ${m % 60} min` : `${d} d ${h % 24} h`;
}

function tick() {
  const now = Date.now() / 1000 + clockAhead;
  for (const time of /** @type {NodeListOf<HTMLElement>} */ (main.querySelectorAll('[data-ago],[data-since]'))) {
    const { ago, since } = time.dataset;
    const text = ago ? `${duration(now - Number(ago))} ago` : duration(now - Number(since));
    if (time.textContent !== text) time.textContent = text;
  }
}

function watchRun() {
  const path = main.dataset.path;
  let status = main.dataset.status ?? '';
  /** @type {EventSource | null} */
  let stream = null;
  let polls = 0;
  let isPolling = false;

  const isActive = () => ['running', 'waiting', 'stalled'].includes(status);
  const isQuiet = () => ['interrupted', 'idle'].includes(status);
  const view = () => `view=${narrow.matches ? 'narrow' : 'wide'}`;

  /** @param {{ status: string, chart?: string, now?: number, sections?: Record<string, string>, label: string, idx: number }} payload */
  function apply(payload) {
    status = payload.status;
    main.dataset.status = status;
    if (payload.now) clockAhead = payload.now - Date.now() / 1000;
    if (payload.chart) place(payload.chart.includes('narrow-chart') ? 'chart-narrow' : 'chart-wide', payload.chart);
    for (const [id, markup] of Object.entries(payload.sections ?? {})) place(id, markup);
    document.title = `${payload.label}/${payload.idx} ${status === 'running' ? 'live' : status} · kai`;
    showPaused(false);
  }

  function leave() {
    clearTimeout(timer);
    stream?.close();
    stream = null;
  }

  /** Nothing is known of the run any more; only a person who looks again makes the page ask again. */
  function showGone() {
    leave();
    status = 'gone';
    main.dataset.status = status;
    place('badge', '<span class="badge badge-gone"><span class="dot" aria-hidden="true">●</span> gone</span>');
    for (const id of ['age', 'verdict', 'last-gain', 'now']) place(id, '');
    document.title = document.title.replace(/ \S+ · kai$/, ' gone · kai');
    showNotice("The run's directory is gone.");
  }

  function listen() {
    leave();
    stream = new EventSource(`${path}/events?${view()}`);
    stream.onmessage = ({ data }) => {
      polls = 0;
      apply(JSON.parse(data));
    };
    stream.addEventListener('end', settle);
    stream.addEventListener('gone', showGone);
    stream.onerror = () => {
      leave();
      poll();
    };
  }

  /** Asks once, and goes on as the answer says. */
  async function poll() {
    if (isPolling) return;
    isPolling = true;
    try {
      const response = await fetch(`${path}/live.json?${view()}`, { cache: 'no-cache' });
      if (response.status === 404) return showGone();
      if (!response.ok) throw new Error(`status ${response.status}`);
      apply(await response.json());
      settle(polls++ % 10 === 0);
    } catch {
      showPaused(isActive());
      if (isActive() || isQuiet()) later(poll, isActive() ? retryMs : quietMs);
    } finally {
      isPolling = false;
    }
  }

  /** Goes on in the way that suits the status: a stream, a look now and then, or nothing until the page has the focus. */
  function settle(/** @type {unknown} */ triesStream = true) {
    leave();
    if (document.hidden) return;
    if (isActive() && triesStream) listen();
    else if (isActive()) later(poll, retryMs);
    else if (isQuiet()) later(poll, quietMs);
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) leave();
    else if (isActive()) listen();
    else poll();
  });
  window.addEventListener('focus', () => {
    if (!document.hidden && !isActive()) poll();
  });
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) settle();
  });
  // The other chart was last drawn when the page was made.
  narrow.addEventListener('change', () => (isActive() ? listen() : poll()));
  settle();
}

function watchOverview() {
  /** @type {string | null} */
  let tag = null;
  const next = () => {
    if (!document.hidden) later(refresh, main.dataset.active === 'true' ? 5000 : quietMs);
  };

  async function refresh() {
    try {
      const response = await fetch(location.href, { cache: 'no-cache' });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const isNew = tag === null || response.headers.get('etag') !== tag;
      tag = response.headers.get('etag');
      if (isNew) {
        const page = new DOMParser().parseFromString(await response.text(), 'text/html');
        for (const id of ['runs', 'counts', 'filter']) {
          const part = page.getElementById(id);
          if (part) place(id, part.innerHTML);
        }
        const fresh = page.getElementById('main');
        main.dataset.active = fresh?.dataset.active ?? 'false';
        clockAhead = Number(fresh?.dataset.now) - Date.now() / 1000;
      }
      showPaused(false);
    } catch {
      showPaused(true);
    }
    next();
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (!document.hidden) refresh();
  });
  document.addEventListener('keydown', (event) => {
    const filter = document.getElementById('q');
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey || !filter) return;
    event.preventDefault();
    filter.focus();
  });
  next();
}

setInterval(tick, 1000);
if (main.dataset.page === 'run') watchRun();
else watchOverview();
