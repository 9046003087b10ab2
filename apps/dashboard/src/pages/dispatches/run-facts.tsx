import { Fact } from '../../parts/fact.tsx';
import { Time } from '../../parts/time.tsx';
import { githubOf, type Story } from './dispatch.ts';

/** The run that was decided about, and what was written to GitHub about it. */
export function RunFacts({ story }: { readonly story: Story }) {
  const { run, repository, workflow, report, decidedAt, region } = story;
  const github = githubOf(story);
  return (
    <section className="card" aria-labelledby="run">
      <h2 id="run">Run</h2>
      <dl className="kv">
        <Fact name="Run">
          <a href={run.url} target="_blank" rel="noreferrer">
            {run.id}
          </a>
          {run.attempt === 1 ? null : `, attempt ${run.attempt}`} of {workflow} in {repository}
        </Fact>
        <Fact name="Ended with">{run.conclusion ?? 'no conclusion'}</Fact>
        <Fact name="Started by">
          {run.event}
          {run.branch === null ? null : ` on ${run.branch}`}, <code>{run.sha.slice(0, 7)}</code>
        </Fact>
        <Fact name="Decided">
          <Time at={decidedAt} /> in {region}
        </Fact>
        <Fact name="On GitHub">
          <Report report={report} at={`${github}/${repository}`} />
        </Fact>
      </dl>
    </section>
  );
}

function Report({ report, at }: { readonly report: Story['report']; readonly at: string }) {
  if (report === null) return <span className="quiet">nothing was reported yet</span>;
  const { checkRunId, issueNumber, failed } = report;
  return (
    <>
      {checkRunId === null ? 'no check run' : <a href={`${at}/runs/${checkRunId}`}>check run {checkRunId}</a>},{' '}
      {issueNumber === null ? 'no issue' : <a href={`${at}/issues/${issueNumber}`}>issue {issueNumber}</a>}
      {failed === null ? null : <p>It could not be written and is tried again: {failed}</p>}
    </>
  );
}
