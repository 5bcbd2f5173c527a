import { escapeText, safeIdPrefix } from './escape.ts';

/**
 * The colours by role, as a value for a presentation attribute. A page themes the chart by defining the variables on any
 * ancestor; without them the light colours apply. A `style=` attribute would be blocked by a strict Content-Security-Policy.
 */
export const color = {
  ink: 'var(--ink,#1f2328)',
  muted: 'var(--muted,#59636e)',
  accent: 'var(--accent,#0969da)',
  bad: 'var(--bad,#cf222e)',
  dots: 'var(--dots,#8c959f)',
  hairline: 'var(--hairline,#d1d9e0)',
  background: 'var(--background,Canvas)',
} as const;

const standaloneStyle =
  '<style>svg{--ink:#1f2328;--muted:#59636e;--accent:#0969da;--bad:#cf222e;--dots:#8c959f;--hairline:#d1d9e0;--background:#fff;' +
  'color-scheme:light dark;font-variant-numeric:tabular-nums}@media(prefers-color-scheme:dark){svg{--ink:#f0f6fc;--muted:#9198a1;' +
  '--accent:#4493f8;--bad:#f85149;--dots:#6e7681;--hairline:#3d444d;--background:#0d1117}}</style>';

export interface SvgDocument {
  width: number;
  height: number;
  /** Markup of the picture, already escaped. */
  picture: string;
  /** Markup that a reader can operate (links), already escaped; kept outside the part that is announced as an image. */
  links?: string;
  /** Without one the picture is decoration and hidden from screen readers. */
  title?: string;
  description?: string;
  idPrefix: string;
  standalone: boolean;
  /** Whether the markup asks for its own size in pixels; otherwise it fills its container. */
  sized: boolean;
}

/** Puts a picture into an `<svg>` with its title, description and, in the standalone form, its theme and background. */
export function svgDocument(document: SvgDocument): string {
  const { width, height, picture, links = '', title, description, standalone, sized } = document;
  const prefix = safeIdPrefix(document.idPrefix);
  const named = [title && `${prefix}chart-title`, description && `${prefix}chart-desc`].filter(Boolean).join(' ');
  const role = named ? ` role="img" aria-labelledby="${named}"` : ' aria-hidden="true"';
  // What is inside role="img" is not announced, so links need a place beside the image.
  const rootRole = links ? '' : role;
  const size = sized || standalone ? ` width="${width}" height="${height}"` : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"${size}${rootRole}>`,
    title ? `<title id="${prefix}chart-title">${escapeText(title)}</title>` : '',
    description ? `<desc id="${prefix}chart-desc">${escapeText(description)}</desc>` : '',
    standalone ? `${standaloneStyle}<rect width="${width}" height="${height}" fill="${color.background}"/>` : '',
    links ? `<g${role}>${picture}</g>${links}` : picture,
    '</svg>',
  ].join('');
}
