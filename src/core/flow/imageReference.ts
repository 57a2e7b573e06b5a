import { SessionError } from '../base/errors';

/** An image by name, as the reference implementation (github.com/distribution/reference) reads and completes it. */
export interface ImageReference {
  /** Host with port; `docker.io` where none is named. */
  readonly domain: string;
  /** Path in the registry; `library/` is put before a single name on docker.io. */
  readonly path: string;
  /** `latest` where neither a tag nor a digest is named. */
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
  /** All of it: `docker.io/library/python:latest`. */
  readonly canonical: string;
  /** As people write it, without what is a matter of course: `python:latest`. */
  readonly familiar: string;
}

export type ParsedImage = { readonly reference: ImageReference } | { readonly reason: string };

const defaultDomain = 'docker.io';
const official = 'library/';
const domainName =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::[0-9]+)?$/i;
const pathComponent = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagText = /^\w[\w.-]{0,127}$/;
const digestText = /^[a-z][a-z0-9]*(?:[-_+.][a-z][a-z0-9]*)*:[a-f0-9]{32,}$/i;
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const longestPath = 255;

/** Kind `image-malformed` with the reason where the text is no image reference. */
export function parseImageReference(text: string): ImageReference {
  const parsed = readImageReference(text);
  if ('reference' in parsed) return parsed.reference;
  throw new SessionError('image-malformed', `"${text}" is not an image reference: ${parsed.reason}.`, {
    action: 'Write it as registry/name:tag',
  });
}

/** The same without throwing. The reason is a clause that fits after a colon. */
export function readImageReference(text: string): ParsedImage {
  if (text === '') return { reason: 'it is empty' };
  if (/^[a-f0-9]{64}$/.test(text)) return { reason: 'it is 64 hexadecimal digits, which is the form of an image id' };
  const { domain, remainder } = splitDomain(text);
  const [beforeDigest = '', ...digests] = remainder.split('@');
  const colon = beforeDigest.indexOf(':');
  const path = colon < 0 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon < 0 ? undefined : beforeDigest.slice(colon + 1);
  const reason = domainComplaint(domain) ?? pathComplaint(path) ?? tagComplaint(tag) ?? digestComplaint(digests);
  if (reason !== undefined) return { reason };
  const [digest] = digests;
  return { reference: complete(domain, path, tag ?? (digest === undefined ? 'latest' : undefined), digest) };
}

function splitDomain(text: string): { readonly domain: string; readonly remainder: string } {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const rest = text.slice(slash + 1);
  if (first === defaultDomain || first === 'index.docker.io')
    return { domain: defaultDomain, remainder: rest.includes('/') ? rest : official + rest };
  // What has a dot, a port or a capital letter can be no part of a path's beginning on docker.io, so it is a host.
  const isHost = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
  if (slash >= 0 && isHost) return { domain: first, remainder: rest };
  return { domain: defaultDomain, remainder: slash < 0 ? official + text : text };
}

function domainComplaint(domain: string): string | undefined {
  return domainName.test(domain) ? undefined : `"${domain}" is not a registry's host name`;
}

function pathComplaint(path: string): string | undefined {
  if (path.toLowerCase() !== path) return 'the name of a repository must be lower case';
  if (path === '' || path === official) return 'the name of a repository is missing';
  const wrong = path.split('/').find((component) => !pathComponent.test(component));
  if (wrong === '') return 'there is nothing between two slashes or at the end';
  if (wrong !== undefined)
    return `"${wrong}" is not letters and digits, joined by single dots, one or two underscores, or dashes`;
  return path.length > longestPath ? `the name of a repository is longer than ${longestPath} characters` : undefined;
}

function tagComplaint(tag: string | undefined): string | undefined {
  if (tag === undefined || tagText.test(tag)) return undefined;
  if (tag === '') return 'there is no tag after ":"';
  return tag.length > 128 ? 'the tag is longer than 128 characters' : `"${tag}" is not a tag`;
}

function digestComplaint(digests: readonly string[]): string | undefined {
  const [digest] = digests;
  if (digest === undefined) return undefined;
  if (digests.length > 1 || !digestText.test(digest)) return `"${digests.join('@')}" is not a digest`;
  const [algorithm = '', hex = ''] = digest.split(':');
  const length = digestLengths[algorithm];
  if (length === undefined) return `${algorithm} is not a digest algorithm in use (sha256, sha384, sha512)`;
  return /^[a-f0-9]+$/.test(hex) && hex.length === length
    ? undefined
    : `a ${algorithm} digest is ${length} hexadecimal digits in lower case`;
}

function complete(domain: string, path: string, tag?: string, digest?: string): ImageReference {
  const suffix = (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
  const single = path.startsWith(official) && !path.slice(official.length).includes('/');
  const familiarPath = single ? path.slice(official.length) : path;
  return {
    domain,
    path,
    tag,
    digest,
    canonical: `${domain}/${path}${suffix}`,
    familiar: (domain === defaultDomain ? familiarPath : `${domain}/${path}`) + suffix,
  };
}
