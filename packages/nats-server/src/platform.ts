/** A machine as release archives name it: Go's names for the operating system and the processor, such as `linux` and `amd64`. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

const osNames: Readonly<Record<string, string>> = { win32: 'windows' };
const archNames: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** The platform of this process. A name without a Go counterpart is passed on, and then simply has no pinned release. */
export function hostPlatform(os: string = process.platform, arch: string = process.arch): Platform {
  return { os: osNames[os] ?? os, arch: archNames[arch] ?? arch };
}

/** `linux-amd64`: the label in archive names and cache folders. */
export const platformLabel = ({ os, arch }: Platform): string => `${os}-${arch}`;

/** The file name of a program: with `.exe` on Windows. */
export const executableName = (name: string, { os }: Platform): string => (os === 'windows' ? `${name}.exe` : name);
