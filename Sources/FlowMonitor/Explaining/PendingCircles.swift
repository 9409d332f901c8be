import QueueClient

/// Finds jobs that wait for each other in a circle. Pure.
enum PendingCircles {
  /// A circle of waiting jobs: each waits for the next, and the last for the first.
  struct Circle: Sendable, Equatable {
    /// The jobs, the one nearest to the root first.
    var jobs: [JobKey]
  }

  /// Circles among jobs, so many that whoever can never end for a circle's sake leads into one of them.
  ///
  /// First whoever waits for nobody is taken away, then whoever waits only for those, and so on: what is left waits for
  /// a circle. From each of these, one step after the other leads into one.
  ///
  /// - Parameters:
  ///   - order: the jobs, those nearest to the root first.
  ///   - pending: the children that each waits for.
  static func find(among order: [JobKey], pending: [JobKey: [JobKey]]) -> [Circle] {
    let left = sorted(order, pending: pending).left
    guard !left.isEmpty else { return [] }
    let rank = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
    var circles: [Circle] = []
    var walked: Set<JobKey> = []
    for start in order where left.contains(start) && !walked.contains(start) {
      var path: [JobKey] = []
      var place: [JobKey: Int] = [:]
      var here: JobKey? = start
      while let job = here, !walked.contains(job) {
        walked.insert(job)
        place[job] = path.count
        path.append(job)
        here = pending[job]?.first { left.contains($0) }
      }
      guard let here, let first = place[here] else { continue }
      let jobs = Array(path[first...])
      let nearest = jobs.indices.min { rank[jobs[$0], default: .max] < rank[jobs[$1], default: .max] } ?? 0
      circles.append(Circle(jobs: Array(jobs[nearest...] + jobs[..<nearest])))
    }
    return circles
  }

  /// Jobs in such an order that each stands behind those that it waits for, and those that cannot be put in one: they are
  /// in a circle, or wait for one.
  static func sorted(_ jobs: [JobKey], pending: [JobKey: [JobKey]]) -> (inOrder: [JobKey], left: Set<JobKey>) {
    let known = Set(jobs)
    var open: [JobKey: Int] = [:]
    var waiters: [JobKey: [JobKey]] = [:]
    for job in jobs {
      let children = (pending[job] ?? []).filter { known.contains($0) }
      open[job] = children.count
      for child in children { waiters[child, default: []].append(job) }
    }
    var free = jobs.filter { open[$0] == 0 }
    var left = known
    var inOrder: [JobKey] = []
    while let job = free.popLast() {
      guard left.remove(job) != nil else { continue }
      inOrder.append(job)
      for waiter in waiters[job] ?? [] {
        open[waiter, default: 1] -= 1
        if open[waiter] == 0 { free.append(waiter) }
      }
    }
    return (inOrder, left)
  }
}
