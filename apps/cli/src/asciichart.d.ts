// The package ships no types; only what is used here.
declare module 'asciichart' {
  interface PlotConfig {
    height?: number;
    offset?: number;
    format?: (value: number) => string;
  }
  const asciichart: { plot(series: readonly number[], config?: PlotConfig): string };
  export default asciichart;
}
