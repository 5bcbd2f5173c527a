const LANGUAGES: Record<string, string> = {
  '.c': 'c',
  '.cc': 'cpp',
  '.cpp': 'cpp',
  '.cjs': 'javascript',
  '.go': 'go',
  '.java': 'java',
  '.jl': 'julia',
  '.js': 'javascript',
  '.lua': 'lua',
  '.mjs': 'javascript',
  '.py': 'python',
  '.r': 'r',
  '.rb': 'ruby',
  '.rs': 'rust',
  '.sh': 'shell',
  '.sql': 'sql',
  '.ts': 'typescript',
};

/** The language that a file extension (with its dot) stands for; `text` when unknown. */
export function languageOf(extension: string): string {
  return LANGUAGES[extension.toLowerCase()] ?? 'text';
}
