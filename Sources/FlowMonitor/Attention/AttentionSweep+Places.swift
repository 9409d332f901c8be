import QueueClient
import Redis

/// How the search goes through the places of a queue, a step at a time.
extension AttentionSweep {
  /// Of a queue that is held up, so many jobs of each kind are followed to their flows at once, the others on the way.
  private static let mostHeldUpAtOnce = 100
  private static let parentsAStep = 50

  func perform(_ task: SweepPlan.Task, _ step: inout Step) async throws {
    switch task {
    case .newestFailed(let queue):
      let found = try await sweeper.place(.failed, of: queue, from: -200, count: 200)
      try await note(found.troubles, in: .init(queue: queue, suffix: .failed), &step)
    case .queue(let queue):
      try await look(at: queue, &step)
    case .parents(let queue, let rank):
      try await lookAtParents(of: queue, from: rank, &step)
    case .place(let queue, let suffix, let rank):
      try await go(through: suffix, of: queue, from: rank, &step)
    case .children(let parent, let cursor):
      let found = try await sweeper.children(of: parent, from: cursor)
      let place = FindingBook.Place(queue: parent.queue, suffix: .waitingChildren)
      if let trouble = found.trouble {
        try await note([trouble], in: place, &step)
      } else if try await !noteUnusual(found.step, in: place), let next = found.next {
        plan.goOn(.children(parent, cursor: next))
      }
    case .again(let queue):
      try await lookAgain(at: queue, &step)
    case .keys(let cursor):
      try await lookForLostParents(from: cursor)
    }
  }

  /// How a queue stands, and which flows are held up while it is.
  private func look(at queue: QueueKey, _ step: inout Step) async throws {
    guard let status = try await queueReader.read([queue]).first else { return }
    sizes[queue] = status.counts.values.reduce(0) { $0.addingClamped($1) }
    let place = FindingBook.Place(queue: queue, suffix: .meta)
    book.begin(place)
    let reading = try await factsReader.read([queue])
    step.wrongTyped.formUnion(reading.wrongTyped)
    if let facts = reading.facts[queue], facts.isHeldUp(at: reading.now) {
      // What waits there is gone through once more, now that it is known to be held up.
      if heldUp.insert(queue).inserted, sweptAt[queue] != nil { changed.insert(queue) }
      let jobs = try await lister.unfinished(in: queue, most: Self.mostHeldUpAtOnce)
      try await suspect(jobs, in: place, onlyFlows: true)
    } else {
      heldUp.remove(queue)
      notFollowed = notFollowed.filter { $0.queue != queue }
    }
    end(book.end(place), &step)
  }

  /// What is refused is left: then it is not known whether there are such.
  private func lookForLostParents(from cursor: String) async throws {
    do {
      let found = try await keySearch.step(from: cursor, lists: lists, at: now())
      try await suspect(found.parents)
      if let next = found.next { plan.doLast(.keys(cursor: next)) } else { hasSearchedKeys = true }
    } catch let error as RedisError where error.isReply {
      mayNotSearchKeys = true
    }
  }

  private func lookAtParents(of queue: QueueKey, from rank: Int, _ step: inout Step) async throws {
    let place = FindingBook.Place(queue: queue, suffix: .waitingChildren)
    if rank == 0 {
      book.begin(place)
      counting[place] = 0
    }
    let found = try await sweeper.parents(of: queue, from: rank, count: Self.parentsAStep)
    step.wrongTyped.formUnion(found.wrongTyped)
    looked[queue, default: 0] += found.looked
    counting[place, default: 0] += found.roots
    try await note(found.troubles, in: place, &step)
    try await noteUnusual(found, in: place)
    if found.looked > 0 {
      plan.goOn(.parents(queue, rank: rank + found.looked))
    } else {
      end(place, &step)
    }
    // Before the walk ends, since their troubles belong to it.
    for parent in found.wide { plan.goOn(.children(parent, cursor: nil)) }
  }

  private func end(_ place: FindingBook.Place, _ step: inout Step) {
    roots[place] = counting.removeValue(forKey: place) ?? 0
    end(book.end(place), &step)
    if !plan.isUnderWay(place.queue) { sweptAt[place.queue] = now() }
  }

  private func go(
    through suffix: QueueKey.Suffix, of queue: QueueKey, from rank: Int, _ step: inout Step
  ) async throws {
    let place = FindingBook.Place(queue: queue, suffix: suffix)
    if rank == 0 {
      book.begin(place)
      counting[place] = 0
    }
    let count = suffix == .failed ? 200 : 400
    if rank == 0 { notFollowed.remove(place) }
    let isHeldUp = heldUp.contains(queue) && !notFollowed.contains(place)
    let found = try await sweeper.place(suffix, of: queue, from: rank, count: count, members: isHeldUp)
    step.wrongTyped.formUnion(found.wrongTyped)
    looked[queue, default: 0] += found.looked
    counting[place, default: 0] += found.roots
    try await note(found.troubles, in: place, &step)
    try await follow(found.members, in: place)
    if found.looked > 0 {
      plan.goOn(.place(queue, suffix, rank: rank + found.looked))
    } else {
      end(place, &step)
    }
  }

  /// Looks again at what seemed wrong in a queue, and at its active jobs.
  private func lookAgain(at queue: QueueKey, _ step: inout Step) async throws {
    let waiting = FindingBook.Place(queue: queue, suffix: .waitingChildren)
    let jobs = Array(book.jobs(in: waiting).prefix(Self.parentsAStep))
    if !jobs.isEmpty {
      let found = try await sweeper.parents(of: queue, ids: jobs.map(\.id))
      let unusual = found.elsewhere.map(\.parent) + found.unlisted.map(\.parent)
      let still = Set(found.troubles.map(\.at)).union(found.wide).union(unusual)
      end(book.remove(Set(jobs).subtracting(still), from: waiting), &step)
      try await note(found.troubles, in: waiting, &step)
    }
    let failed = FindingBook.Place(queue: queue, suffix: .failed)
    let before = Array(book.jobs(in: failed).prefix(200))
    let over = try await lister.absent(before, from: .failed)
    end(book.remove(Set(over), from: failed), &step)
    let active = try await sweeper.place(.active, of: queue, from: 0, count: 500)
    let place = FindingBook.Place(queue: queue, suffix: .active)
    book.begin(place)
    try await note(active.troubles, in: place, &step)
    end(book.end(place), &step)
    for root in book.roots(in: queue).prefix(Self.mostLookedAtAgain) { verdicts.lookAgain(root) }
  }

  private static let mostLookedAtAgain = 200
}
