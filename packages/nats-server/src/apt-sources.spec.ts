import { describe, expect, it } from 'vitest';
import { debianMirrors, parseDeb822Sources, parseOneLineSources } from './apt-sources.ts';

describe('one-line apt sources', () => {
  it('reads address, suite, components and keyring', () =>
    expect(
      parseOneLineSources('deb [arch=amd64 signed-by=/etc/keys/d.gpg] http://mirror.test/debian bookworm main contrib # ours'),
    ).toEqual([
      { uris: ['http://mirror.test/debian'], suites: ['bookworm'], components: ['main', 'contrib'], signedBy: '/etc/keys/d.gpg' },
    ]));

  it('leaves out sources of sources, comments and noise', () =>
    expect(parseOneLineSources('# deb http://a.test/debian sid main\ndeb-src http://b.test/debian sid main\n\nnonsense\n')).toEqual([]));
});

const deb822 = `
# See the manual
Types: deb deb-src
# an older address
URIs: http://mirror.test/debian
 http://second.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

describe('deb822 apt sources', () => {
  it('reads a stanza with comments and continued lines', () =>
    expect(parseDeb822Sources(deb822)).toEqual([
      {
        uris: ['http://mirror.test/debian', 'http://second.test/debian'],
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
    ]));

  it('reads every stanza, and skips disabled and source-only ones', () => {
    const others = ['Types: deb\nEnabled: no', 'Types: deb-src', 'Types: deb'].map(
      (head) => `${head}\nURIs: http://x.test/\nSuites: sid\nComponents: main`,
    );
    expect(parseDeb822Sources([deb822, ...others].join('\n\n'))).toHaveLength(2);
  });

  it('does not take an inline key for the path of a keyring', () => {
    const stanza =
      'Types: deb\nURIs: http://x.test/\nSuites: sid\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc=';
    expect(parseDeb822Sources(stanza)[0]?.signedBy).toBeUndefined();
  });
});

const source = (uri: string, suite: string, component = 'main') => ({
  uris: [uri],
  suites: [suite],
  components: [component],
  signedBy: undefined,
});

describe('the mirror of the Debian archive', () => {
  it('is not a vendor, a security archive, another distribution or a disc', () =>
    expect(
      debianMirrors([
        source('http://vendor.test/', 'nodistro'),
        source('http://vendor.test/apt', 'bookworm', 'stable'),
        source('http://mirror.test/debian-security', 'bookworm-security'),
        source('http://mirror.test/ubuntu', 'noble'),
        source('cdrom:[Debian]/', 'bookworm'),
      ]),
    ).toEqual([]));

  it('is preferred to a vendor that uses the same suite name', () =>
    expect(debianMirrors([source('http://vendor.test/', 'bookworm'), source('http://mirror.test/debian/', 'trixie')])[0]?.uri).toBe(
      'http://mirror.test/debian/',
    ));

  it('may be a list of mirrors', () =>
    expect(debianMirrors([source('mirror+file:/etc/apt/mirrors/debian.list', 'trixie')])).toHaveLength(1));
});
