"""FineTune Lab runner: what runs beside the GPU.

One file, standard library only, Python 3.9 to 3.14, Linux and macOS. It takes one job from the
control plane, proves that it has the right bytes, trains, and tells what happens as it happens.

The protocol (JSON over HTTPS, `Authorization: Bearer JOB_TOKEN`)

    POST {url}/api/training/jobs/{id}/lease    {start} -> {datasets: [{id, name, url, expires_at, sha256,
                                                   size_bytes, format, total_examples, weight}], config}
    GET  <dataset url>                            signed, short-lived; never sent the job's token
    POST {url}/api/training/jobs/{id}/report   {seq, status?, metrics?, logs?, error?, result_path?}
                                               -> {status, cancel}
    PUT  {url}/api/training/jobs/{id}/artifacts/{name}, and GET of the same, of .../progress and of the list

    A lease may be asked for again at any time, and is, whenever a link is refused or about to expire.
    `seq` grows by one with every report. A report whose answer was lost is sent again unchanged, under
    the same `seq`, so that the control plane can recognise it. The last `seq` is kept on disk and
    survives a restart; on a new disk it begins with the time. An empty report is the heartbeat.
    401, 404, 409 and 410 mean that the job is over; `cancel: true` that it should be.
    docs/guides/runner-protocol.md has the whole.

The work folder

    runner.lock     one runner at a time
    result.json     how it ended; a restarted container reads this and does not train again
    report.seq      the last `seq` that was used
    datasets/       what was downloaded, as stored (`.part` while incomplete)
    data/           train.jsonl: every dataset, by weight, in the shape the trainer reads; eval.jsonl: what is held out
    trainer/        the configuration that was generated for the trainer
    output/         what the trainer writes: checkpoints, the adapter or the model
    trainer.log     all that the trainer printed

Exit status: 0 succeeded, 1 failed, 2 misconfigured, 3 cancelled, 4 the control plane says the job is over.
"""
