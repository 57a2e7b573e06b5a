/** URLs with names and passwords in them: what may be shown, and whose host they point at. */

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** A proxy may be given as `host:port`, without a scheme; user and password may stand before it. */
function parseLoosely(text: string): URL | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? parse(text) : parse(`http://${text}`);
}

export function hasCredentials(text: string): boolean {
  const url = parseLoosely(text);
  // What cannot be read as a URL is treated as the more dangerous case.
  return url === undefined ? text.includes('@') : url.username !== '' || url.password !== '';
}

/** The URL without credentials and query, for people and logs. */
export function showUrl(text: string): string {
  const url = parseLoosely(text);
  if (!url) return '(unreadable URL)';
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

export function isLoopback(text: string): boolean {
  const url = parseLoosely(text);
  return url !== undefined && isLoopbackHost(url.hostname);
}

/** The same URL with another host when it points at this computer. */
export function withHost(text: string, host: string): string {
  const url = parseLoosely(text);
  if (!url || !isLoopbackHost(url.hostname)) return text;
  return text.replace(
    /^((?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@]*@)?)(\[[^\]]*\]|[^:/]*)/i,
    (_, before: string) => before + host,
  );
}
