import { useState } from 'react';
import { Copy } from '../../parts/copy.tsx';
import type { EventStory, ReadEvent } from './event-story.ts';
import { prettyJson } from './pretty-json.ts';

const ABSENT: Readonly<Record<Exclude<EventStory['payload'], 'present'>, string>> = {
  referenced: 'It is large, and lies in the body store.',
  unreadable: 'What lies in the log is no event.',
  expired: 'The log has dropped it: it was older than what is kept.',
  unreachable: 'The log cannot be read just now; it is tried again when the page is.',
};

export interface PayloadProps {
  readonly event: ReadEvent;
  readonly isWhole: boolean;
  /** Asks for a large one too. */
  readonly onWhole: () => void;
}

/** The payload as it came in, laid out to be read. */
export function Payload({ event: { story, payload }, isWhole, onWhole }: PayloadProps) {
  const [isRaw, setRaw] = useState(false);
  if (story.payload !== 'present')
    return (
      <div className="note">
        <p>
          {ABSENT[story.payload]}
          {story.payload === 'referenced' && isWhole ? ' This region has no copy of it.' : ''}
        </p>
        {story.bodyRef === undefined ? null : <BodyFacts bodyRef={story.bodyRef} />}
        {story.payload === 'referenced' && !isWhole ? (
          <button type="button" onClick={onWhole}>
            Load it
          </button>
        ) : null}
      </div>
    );
  return (
    <>
      <div className="actions">
        <button type="button" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
          As it came in
        </button>
        <Copy text={payload} what="the payload as it came in" />
      </div>
      <pre className="code" tabIndex={0} aria-label="Payload">
        {isRaw ? payload : prettyJson(payload)}
      </pre>
    </>
  );
}

const BodyFacts = ({ bodyRef: { bytes, sha256, region } }: { readonly bodyRef: NonNullable<EventStory['bodyRef']> }) => (
  <p className="quiet">
    {bytes.toLocaleString()} bytes in {region}, SHA-256 <code>{sha256}</code>
  </p>
);
