import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Bed, bringUpBed } from '../support/bed/bed';
import { type Docker, dockerAt } from '../support/bed/docker';
import { type Ended, Running } from './processes';

/** A user without an entry in passwd. */
export const stranger = 54321;
/** Another one, whose sessions are those of one test. */
export const loner = 54322;
/** Kept between test runs, one for each user: promptflow in it is installed once. */
const cacheOf = (uid: number): string => path.join(os.tmpdir(), `pf-session-test-cache-${uid}`);
const project = path.resolve(__dirname, '../..');

export const providers = ['docker', 'local'] as const;
export type ProviderName = (typeof providers)[number];

/** Whom the tests run the product as: the person who runs them, and someone unknown to the system. */
export const users: readonly { readonly name: string; readonly uid: number | undefined }[] = [
  { name: process.getuid?.() === 0 ? 'root' : 'the person', uid: undefined },
  { name: 'a user without a passwd entry', uid: stranger },
];

export function requireRoot(): void {
  assert.equal(process.getuid?.(), 0, 'this test acts as other users and mounts file systems: run it as root');
}

export interface CallOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
}

/** The product as it is installed, in a folder of its own, with the test bed's engine. */
export class CliBed {
  readonly docker: Docker;
  private readonly homes: string;

  private constructor(
    readonly bed: Bed,
    /** Real path; everyone may enter it. */
    readonly folder: string,
    private readonly uid: number | undefined,
  ) {
    this.docker = dockerAt(bed.dockerHost);
    this.homes = path.join(folder, 'home');
  }

  static async open(uid?: number): Promise<CliBed> {
    if (uid !== undefined) requireRoot();
    assert.ok(fs.existsSync(path.join(project, 'dist', 'cli.js')), 'not built: npm run build');
    const bed = await bringUpBed();
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'pf-cli-')));
    fs.chmodSync(folder, 0o755);
    // A clone may lie where another user cannot read it.
    fs.cpSync(path.join(project, 'dist'), path.join(folder, 'dist'), { recursive: true });
    const made = new CliBed(bed, folder, uid);
    for (const own of [made.homes, cacheOf(made.user)]) {
      fs.mkdirSync(own, { recursive: true });
      made.give(own);
    }
    return made;
  }

  get user(): number {
    return this.uid ?? process.getuid?.() ?? 0;
  }

  /** Options that start on the provider, with an image that has promptflow where there are images. */
  on(provider: ProviderName): string[] {
    return provider === 'docker'
      ? ['--provider', 'docker', '--image', this.bed.images.runtime311]
      : ['--provider', 'local'];
  }

  /** A folder with files, the user's own: text by relative path. */
  flow(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
    const folder = path.join(this.folder, name);
    for (const [file, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), content);
    }
    fs.mkdirSync(folder, { recursive: true });
    this.give(folder);
    return folder;
  }

  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(PF_|XDG_|NO_COLOR$|CI$|FORCE_COLOR$)/.test(name),
    );
    return {
      ...Object.fromEntries(inherited),
      HOME: this.homes,
      XDG_CACHE_HOME: cacheOf(this.user),
      DOCKER_HOST: this.bed.dockerHost,
      ...more,
    };
  }

  begin(args: readonly string[], options: CallOptions = {}): Running {
    const cli = [process.execPath, path.join(this.folder, 'dist', 'cli.js'), ...args];
    const asOther =
      this.uid === undefined ? [] : ['setpriv', `--reuid=${this.uid}`, `--regid=${this.uid}`, '--clear-groups', '--'];
    const [command = '', ...rest] = [...asOther, ...cli];
    return new Running(command, rest, {
      cwd: options.cwd ?? this.folder,
      env: this.env(options.env),
      stdin: options.stdin,
    });
  }

  call(args: readonly string[], options: CallOptions = {}): Promise<Ended> {
    return this.begin(args, options).ended;
  }

  /** With `--json`; standard output must be exactly one document, and the exit code the one expected. */
  async json<T>(args: readonly string[], options: CallOptions & { readonly code?: number } = {}): Promise<T> {
    const { code, stdout, stderr } = await this.call([...args, '--json'], options);
    assert.equal(code, options.code ?? 0, `pf-session ${args.join(' ')}\n${stdout}\n${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** What a command that fails prints with `--json`. */
  async failure(args: readonly string[], code: number, options: CallOptions = {}): Promise<Failure> {
    const { error } = await this.json<{ error: Failure }>(args, { ...options, code });
    assert.ok(error?.kind, `an error was expected of pf-session ${args.join(' ')}`);
    return error;
  }

  /** Names of the containers of a session, running or not. */
  async containers(sessionId: string): Promise<string[]> {
    const names = await this.docker.run([
      'ps',
      '-a',
      '--filter',
      `name=pf-session-${sessionId}`,
      '--format',
      '{{.Names}} {{.State}}',
    ]);
    return names.split('\n').filter(Boolean);
  }

  /** The same for a flow, started or not. */
  async containersOf(flow: string): Promise<string[]> {
    const names = await this.docker.run(['ps', '-a', '--filter', `label=promptflow.session.flow=${flow}`, '-q']);
    return names.split('\n').filter(Boolean);
  }

  git(folder: string, ...args: string[]): string {
    return execFileSync('git', ['-c', 'safe.directory=*', '-c', 'core.quotePath=false', '-C', folder, ...args], {
      encoding: 'utf8',
    });
  }

  /** Ends the sessions of flows in this folder, and removes it. */
  async close(): Promise<void> {
    const { stdout } = await this.call(['list', '--json']);
    const sessions = JSON.parse(stdout) as { flow: string }[];
    const own = sessions.filter(({ flow }) => flow.startsWith(this.folder));
    await Promise.all(own.map(({ flow }) => this.call(['stop', flow])));
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private give(folder: string): void {
    if (this.uid !== undefined) execFileSync('chown', ['-R', `${this.uid}:${this.uid}`, folder]);
  }
}

export interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly action?: string;
  readonly detail?: string;
  readonly file?: string;
  readonly line?: number | null;
}
