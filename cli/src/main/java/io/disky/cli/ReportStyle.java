package io.disky.cli;

/** The beginning of the page of a report, with its style. */
final class ReportStyle {
  /**
   * The page up to its title. The policy makes browsers ignore scripts and loads, even if markup
   * from a file should ever reach the page.
   */
  static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <style>
      :root {
        --text: #1f2328; --page: #fff; --soft: #57606a; --line: #d0d7de;
        --bar: #3572b0; --good: #1a7f37; --bad: #b3261e; --link: #0550ae;
      }
      @media screen and (prefers-color-scheme: dark) {
        :root {
          --text: #e6edf3; --page: #0d1117; --soft: #9da7b3; --line: #3d444d;
          --bar: #6cb0f5; --good: #3fb950; --bad: #ff8178; --link: #79b8ff;
        }
      }
      body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 sans-serif; }
      main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
      h1, h2, td, th { overflow-wrap: anywhere; }
      h1 { font-size: 1.6rem; }
      h2 { font-size: 1.25rem; margin: 2rem 0 0.5rem; }
      h3 { font-size: 1rem; margin: 1.5rem 0 0; }
      a { color: var(--link); }
      .good { color: var(--good); }
      .bad { color: var(--bad); }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-size: 0.9rem; }
      th, td { padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: top; }
      th { font-weight: normal; }
      tr { border-bottom: 1px solid var(--line); }
      thead th, .facts th { color: var(--soft); white-space: nowrap; }
      tbody th { min-width: 8rem; }
      .list .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
      svg { display: block; width: 100%; min-width: 36rem; max-width: 45rem; height: auto; }
      svg text { font: 12px sans-serif; fill: var(--text); }
      svg .title { font-size: 15px; font-weight: bold; }
      svg rect { fill: var(--bar); shape-rendering: crispEdges; }
      svg .damage { fill: var(--bad); }
      svg line { stroke: var(--soft); }
      svg .mark { stroke: var(--text); stroke-dasharray: 4 3; }
      @page { margin: 15mm; }
      @media print {
        body { font-size: 10pt; }
        main { max-width: none; padding: 0; }
        svg, tr { break-inside: avoid; }
        h2, h3 { break-after: avoid; }
      }
      </style>
      """;

  private ReportStyle() {}
}
