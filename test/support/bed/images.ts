import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './command';
import type { Docker } from './docker';
import { hostCertificates } from './host';
import { RECIPE } from './places';
import { ensurePlain, type Plain } from './rootfs';

export interface Images {
  /** Python 3.11 with pip and venv, no promptflow. */
  readonly base: string;
  /** promptflow on Python 3.9, laid out and as hostile as Microsoft's runtime image. */
  readonly runtime: string;
  readonly runtime311: string;
  readonly runtime313: string;
  /** No Python at all. */
  readonly bare: string;
}

export const images: Images = {
  base: `pf-session-bed/base:${RECIPE}`,
  runtime: `pf-session-bed/promptflow-runtime:py39-${RECIPE}`,
  runtime311: `pf-session-bed/promptflow-runtime:py311-${RECIPE}`,
  runtime313: `pf-session-bed/promptflow-runtime:py313-${RECIPE}`,
  bare: `pf-session-bed/bare:${RECIPE}`,
};

/** Holds uv and its downloads, so that the second and third runtime image are made in seconds. */
const downloads = 'pf-session-bed-downloads';

const python = (suite: Plain['suite'], version: string, tag: string): Plain => ({
  tag,
  suite,
  packages: ['python3', 'python3-pip', 'python3-venv', 'ca-certificates'],
  pulled: `python:${version}-slim-${suite}`,
  command: ['python3'],
});

const plains = {
  python39: python('bullseye', '3.9', `pf-session-bed/python:bullseye-${RECIPE}`),
  python311: python('bookworm', '3.11', images.base),
  python313: python('trixie', '3.13', `pf-session-bed/python:trixie-${RECIPE}`),
  bare: { tag: images.bare, suite: 'bookworm', packages: [], pulled: 'debian:bookworm-slim', command: ['/bin/sh'] },
} as const satisfies Record<string, Plain>;

/** Makes what is missing: two chains beside each other, for two cores, in the order in which people need them. */
export async function ensureImages(docker: Docker): Promise<void> {
  await Promise.all([
    ensurePlain(docker, plains.python311).then(() => ensureRuntime(docker, images.runtime311, plains.python311)),
    ensurePlain(docker, plains.python39)
      .then(() => ensureRuntime(docker, images.runtime, plains.python39))
      .then(() => ensurePlain(docker, plains.bare)),
  ]);
  await ensurePlain(docker, plains.python313);
  await ensureRuntime(docker, images.runtime313, plains.python313);
}

async function ensureRuntime(docker: Docker, tag: string, plain: Plain): Promise<void> {
  if (await docker.has(tag)) return;
  say(`installing promptflow for ${tag}`);
  const container = `pf-session-bed-build-${tag.replace(/\W/g, '-')}`;
  await docker.run(['rm', '-f', container]).catch(() => undefined);
  try {
    // Everything that only the build needs comes by stdin or lies in the volume: no trace of it gets into the image.
    const args = ['run', '-i', '--name', container, '-v', `${downloads}:/mnt`, plain.tag, 'sh', '-s'];
    await docker.run(args, { input: buildScript() });
    await docker.run(['commit', ...hostility().flatMap((each) => ['--change', each]), container, tag]);
  } finally {
    await docker.run(['rm', '-f', container]).catch(() => undefined);
  }
}

function buildScript(): string {
  const certificates = hostCertificates();
  const trust =
    certificates &&
    `cat > /mnt/ca.pem <<'END'\n${certificates}\nEND\nexport PIP_CERT=/mnt/ca.pem SSL_CERT_FILE=/mnt/ca.pem\n`;
  const shared = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'PIP_INDEX_URL'];
  const network = shared.flatMap((name) => (process.env[name] ? [`export ${name}='${process.env[name]}'\n`] : []));
  return [trust ?? '', ...network, readFileSync(join(__dirname, 'runtime-image.sh'), 'utf8')].join('');
}

/** What Microsoft's image does to whoever starts it without looking: none of it may reach a session. */
function hostility(): string[] {
  return [
    'ENTRYPOINT ["/usr/local/bin/start-runtime"]',
    'CMD ["serve"]',
    'USER appuser',
    'WORKDIR /service/app',
    'HEALTHCHECK --interval=1s --timeout=1s --retries=1 CMD touch /tmp/bed-healthcheck-ran; exit 1',
    'ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_DEFAULT_TIMEOUT=15 PIP_NO_INPUT=0',
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/azureml-envs/prompt-flow/runtime/bin',
  ];
}
