import QueueClient

extension JSON {
  /// Everything about a job.
  init(of job: Job, state: JobState) {
    func text(_ text: String?) -> JSON { text.map { JSON(tolerating: $0) } ?? .null }
    func number(_ number: Int?) -> JSON { number.map { .int($0) } ?? .null }
    self = [
      "key": .string(job.key.description), "id": .string(job.id), "name": .string(job.name),
      "queueName": .string(job.key.queue.name), "prefix": .string(job.key.queue.prefix),
      "state": .string(state.rawValue), "data": text(job.data), "opts": job.opts, "timestamp": number(job.timestamp),
      "delay": .int(job.delay), "priority": .int(job.priority), "processedOn": number(job.processedOn),
      "finishedOn": number(job.finishedOn), "attemptsStarted": .int(job.attemptsStarted),
      "attemptsMade": .int(job.attemptsMade), "stalledCounter": .int(job.stalledCounter),
      "progress": job.progress ?? .null, "returnvalue": text(job.returnvalue),
      "failedReason": job.failedReason.map { .string($0) } ?? .null,
      "stacktrace": .array(job.stacktrace.map { .string($0) }),
      "parentKey": job.parentKey.map { .string($0.description) } ?? .null,
      "processedBy": job.processedBy.map { .string($0) } ?? .null,
    ]
  }

  /// What children returned, by their keys.
  init(values: [JobKey: JSON]) {
    self = .object(values.sorted { $0.key < $1.key }.map { Member($0.key.description, $0.value) })
  }

  /// Children by what became of them.
  init(dependencies: Dependencies) {
    self = [
      "processed": JSON(values: dependencies.processed),
      "unprocessed": .array(dependencies.unprocessed.sorted().map { .string($0.description) }),
      "ignored": JSON(values: dependencies.ignored.mapValues { .string($0) }),
      "failed": .array(dependencies.failed.map { .string($0.description) }),
    ]
  }
}
