import QueueClient

/// The jobs of flows as they were met on the way down, each with where it was seen. Pure.
///
/// A flow may have very many jobs that just wait. Of those that are alike some are kept, to be read as examples, and one
/// that stands for all others: whatever follows costs as much as there is to tell, not as there are jobs.
struct MetJobs {
  let roots: [JobKey]
  /// The queues of all jobs.
  private(set) var queues: Set<QueueKey> = []
  /// By parent, the children that it waits for.
  private var pending: [JobKey: [JobKey]] = [:]
  private var numbers: [JobKey: Int] = [:]
  private var sights: [JobSurvey.Sight] = []
  /// Keys that hold something else than they should.
  var wrongTyped: Set<String> = []
  /// How many failed jobs were asked for children that they still wait for.
  private var failedParents = 0
  /// Those that more than one parent waits for.
  private var shared: Set<JobKey> = []

  /// So many of the jobs that are in one plight are read as a whole; of failed ones, whose reasons differ, more.
  private static let most = 50
  private static let mostFailed = 500
  /// Of many parents with few children each, no more than so many jobs are read.
  static let mostInAll = 2000

  /// Begins with the roots.
  init(roots: [JobKey]) {
    self.roots = roots
    for root in roots where numbers[root] == nil {
      numbers[root] = numbers.count
      queues.insert(root.queue)
    }
  }

  /// How many jobs were met.
  var count: Int { numbers.count }

  /// Takes in where jobs were seen: those that were met and not looked at yet, in the order in which they were met.
  mutating func see(_ survey: JobSurvey.Survey) {
    sights += survey.sights
    wrongTyped.formUnion(survey.wrongTyped)
  }

  /// Those of some jobs that wait for children, or would when they are run again: of those that failed, some.
  mutating func parents(among jobs: [JobKey]) -> [JobKey] {
    jobs.filter { job in
      switch numbers[job].flatMap({ sights[$0].state }) {
      case .waitingChildren: return true
      case .failed where failedParents < Self.mostFailed:
        failedParents += 1
        return true
      default: return false
      }
    }
  }

  /// Takes in for which children a parent waits.
  ///
  /// - Returns: those that had not been met before.
  mutating func meet(_ children: [JobKey], of parent: JobKey) -> [JobKey] {
    if children.isEmpty, numbers[parent].flatMap({ sights[$0].state }) == .failed { return [] }
    pending[parent] = children
    var new: [JobKey] = []
    var last: QueueKey?
    for child in children {
      guard numbers[child] == nil else {
        shared.insert(child)
        continue
      }
      numbers[child] = numbers.count
      new.append(child)
      if child.queue != last { queues.insert(child.queue) }
      last = child.queue
    }
    return new
  }

  /// What jobs of one parent have in common of which only some are told apart.
  private struct Plight: Hashable {
    var state: JobState
    var queue: QueueKey
  }

  /// The facts, and of which jobs more is to be read.
  ///
  /// - Parameter lists: the lists of the jobs' queues.
  func facts(_ lists: [QueueKey: QueueLists]) -> (facts: FlowFacts, examples: [JobKey]) {
    var facts = FlowFacts(roots: roots)
    facts.wrongTyped = lists.values.reduce(into: wrongTyped) { $0.formUnion($1.wrongTyped) }
    var examples: [JobKey] = []
    for root in roots {
      facts.jobs[root] = fact(root, lists)
      examples.append(root)
    }
    let most = Self.mostInAll + roots.count
    for (parent, children) in pending.sorted(by: { $0.key < $1.key }) {
      var kept: [JobKey] = []
      var seen: [Plight: Int] = [:]
      var crowds: [Plight: (job: JobKey, fact: FlowFacts.Fact)] = [:]
      for child in children {
        let fact = fact(child, lists)
        guard fact.exists else {
          facts.jobs[child] = fact
          kept.append(child)
          continue
        }
        let plight = Plight(state: fact.state, queue: child.queue)
        let count = seen[plight, default: 0] + 1
        seen[plight] = count
        let isExample = count <= (fact.state == .failed ? Self.mostFailed : Self.most) && examples.count < most
        if isExample { examples.append(child) }
        if isExample || !fact.isOrdinary || shared.contains(child) {
          facts.jobs[child] = fact
          kept.append(child)
        } else {
          // The last to be taken stands for those that are taken before it.
          var crowd = crowds[plight] ?? (child, fact)
          let count = crowds[plight].map { $0.fact.count.addingClamped(1) } ?? 1
          if (fact.ahead ?? 0) > (crowd.fact.ahead ?? 0) { crowd = (child, fact) }
          crowd.fact.count = count
          crowds[plight] = crowd
        }
      }
      for crowd in crowds.values.sorted(by: { $0.job < $1.job }) {
        facts.jobs[crowd.job] = crowd.fact
        kept.append(crowd.job)
      }
      facts.pending[parent] = kept
    }
    return (facts, examples)
  }

  private func fact(_ job: JobKey, _ lists: [QueueKey: QueueLists]) -> FlowFacts.Fact {
    var fact = FlowFacts.Fact()
    let sight = numbers[job].map { sights[$0] } ?? JobSurvey.Sight()
    fact.exists = sight.exists
    fact.state = sight.state ?? .unknown
    fact.places = max(1, sight.places)
    if sight.exists, let lists = lists[job.queue] { fact.place(job.id, in: lists) }
    return fact
  }
}

extension FlowFacts.Fact {
  /// Whether it is where it should be, and neither has ended nor waits for others.
  fileprivate var isOrdinary: Bool {
    switch state {
    case .waiting, .active, .delayed, .prioritized: exists && places == 1
    case .waitingChildren, .completed, .failed, .unknown: false
    }
  }

  /// Gives a job its state that is in no sorted set, and counts the lists that another is in all the same.
  fileprivate mutating func place(_ id: String, in lists: QueueLists) {
    if state != .unknown {
      places = places.addingClamped(lists.places(of: id))
    } else if lists.isActive(id) {
      state = .active
      if lists.ahead(of: id) != nil { places = 2 }
    } else if let ahead = lists.ahead(of: id) {
      state = .waiting
      self.ahead = ahead
    } else if !lists.areWhole {
      state = .waiting
    }
  }
}
