-- Until when the request of a launch was certainly under way. What may still come of one whose answer nobody recorded is
-- waited for from then on: a request that took a minute to fail has not had a minute to turn up.
alter table public.training_job_launches add column if not exists asked_until timestamptz;
