import QueueClient

extension WindowContents {
  /// What to follow so that nothing that is held grows old.
  ///
  /// - Parameter endings: whether flows that end change what is listed.
  func wanted(prefix: String, endings: Bool) -> SubscriptionLedger.Wanted {
    var wanted = SubscriptionLedger.Wanted()
    for key in gone { wanted.jobs[key] = .itself }
    for (key, job) in jobs {
      var interest = SubscriptionLedger.Interest.itself
      if job.state == .active { interest.insert(.lock) }
      if job.isParent { interest.formUnion([.unprocessed, .processed]) }
      if !job.isFinished { interest.insert(.unprocessed) }
      wanted.jobs[key] = interest
      if key.queue.prefix != prefix { wanted.distant.insert(key.queue) }
    }
    if endings { wanted.endings = Set(page.roots.map(\.queue).prefix(64)) }
    return wanted
  }
}
