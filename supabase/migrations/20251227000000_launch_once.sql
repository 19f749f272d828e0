alter table public.training_job_launches
  -- Until when the request was certainly under way. What may still come of one whose answer nobody recorded is waited for
  -- from then on: a request that took a minute to fail has not had a minute to turn up.
  add column if not exists asked_until timestamptz,
  -- Of the deploy call, where it had an Idempotency-Key: the key of another call is not this one's.
  add column if not exists request_sha256 text;
