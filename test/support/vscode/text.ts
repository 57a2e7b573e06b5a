/** What tests read of an element, in the page. The project's own code sees no DOM, so its types are not there. */
export interface PageElement {
  readonly textContent: string | null;
  readonly offsetTop: number;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
}

export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The workbench writes no-break spaces where a person sees spaces. */
export function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ').trim();
}
