export { createViewer, type Viewer, type ViewerOptions } from './create-viewer.ts';
export { ViewerError, type ViewerErrorCode } from './errors.ts';
export { type ServedViewer, type ServeViewerOptions, serveViewer } from './serve-viewer.ts';
