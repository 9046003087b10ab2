type Members = Record<string, unknown>;

/** The JSON of a `workflow_run` webhook, with ids that no double can hold. Members given as undefined are left out. */
export function payload(change: Members = {}, ofRun: Members = {}): string {
  const text = JSON.stringify({
    action: 'completed',
    installation: { id: '@9007199254740993' },
    workflow: { id: 5, path: '.github/workflows/ci.yml', name: 'CI' },
    repository: {
      id: '@18446744073709551615',
      name: 'my-source-repo',
      full_name: 'acme/my-source-repo',
      owner: { id: 11, login: 'acme', type: 'Organization' },
      default_branch: 'main',
      private: true,
      archived: false,
    },
    workflow_run: {
      id: '@9007199254740995',
      run_number: 42,
      run_attempt: 2,
      workflow_id: 5,
      path: '.github/workflows/ci.yml@main',
      conclusion: 'success',
      event: 'push',
      head_branch: 'main',
      head_sha: '0123456789abcdef0123456789abcdef01234567',
      head_repository: { id: '@18446744073709551615', full_name: 'acme/my-source-repo' },
      actor: { id: 3, login: 'ada', type: 'User' },
      triggering_actor: { id: 4, login: 'waybill[bot]', type: 'Bot' },
      display_title: 'a title that a stranger wrote',
      html_url: 'https://github.com/acme/my-source-repo/actions/runs/1',
      created_at: '2026-11-21T12:00:00Z',
      run_started_at: '2026-11-21T12:00:01Z',
      updated_at: '2026-11-21T12:01:00Z',
      ...ofRun,
    },
    ...change,
  });
  return text.replaceAll(/"@(\d+)"/g, '$1');
}
