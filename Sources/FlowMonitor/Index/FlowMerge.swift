import QueueClient

/// Merges the sorted sets of many queues, one way from an entry on. Pure: it says what to read next, and takes it in.
struct FlowMerge {
  let direction: RootLister.Direction
  private(set) var streams: [Stream]
  /// Flows that are known without reading, in order.
  private var given: ArraySlice<FlowEntry>

  /// So many places may each give as many flows as are wanted in all.
  private static let few = 8

  /// One sorted set.
  struct Stream {
    let place: IndexMemory.Place
    /// Flows read and not yet given out, in order.
    var buffer: ArraySlice<FlowEntry> = []
    /// The last member looked at; the next reading goes on there.
    var reached: FlowEntry?
    var isEnd = false
    /// How many flows the next reading asks for.
    var wanted: Int

    var isHungry: Bool { buffer.isEmpty && !isEnd }
  }

  init(
    _ direction: RootLister.Direction, places: [IndexMemory.Place], from start: FlowEntry?, given: [FlowEntry],
    wanted: Int
  ) {
    self.direction = direction
    // Of few places, each is asked for all at once: one round trip instead of two.
    let isFew = places.count <= Self.few
    let each = isFew ? wanted : max(4, wanted / max(1, places.count) + 1)
    streams = places.map { Stream(place: $0, reached: start, wanted: min(each, 100)) }
    self.given =
      given.filter { entry in start.map { direction.puts($0, before: entry) } ?? true }
      .sorted { direction.puts($0, before: $1) }[...]
  }

  /// The streams that have to be read before the next flow is known.
  var hungry: [Int] { streams.indices.filter { streams[$0].isHungry } }

  /// Takes in what was read of a stream.
  mutating func take(_ listing: RootLister.Listing, of index: Int) {
    let queue = streams[index].place.queue
    streams[index].buffer += listing.flows.map { FlowEntry(score: $0.score, key: JobKey(queue: queue, id: $0.id)) }
    if let last = listing.last {
      streams[index].reached = FlowEntry(score: last.score, key: JobKey(queue: queue, id: last.id))
    }
    streams[index].isEnd = listing.isEnd || listing.last == nil
    streams[index].wanted = min(100, streams[index].wanted * 2)
  }

  /// The next flow, where it is known.
  ///
  /// - Parameter isPressed: whether to go on beside streams that are still to be read, as far as they were looked at.
  mutating func next(isPressed: Bool = false) -> FlowEntry? {
    let limit = streams.filter(\.isHungry)
    if !limit.isEmpty, !isPressed || limit.contains(where: { $0.reached == nil }) { return nil }
    var best: (entry: FlowEntry, stream: Int?)?
    if let first = given.first { best = (first, nil) }
    for (index, stream) in streams.enumerated() {
      guard let first = stream.buffer.first else { continue }
      if best.map({ direction.puts(first, before: $0.entry) }) ?? true { best = (first, index) }
    }
    guard let best else { return nil }
    for stream in limit where stream.reached.map({ direction.puts($0, before: best.entry) }) ?? true { return nil }
    if let index = best.stream { streams[index].buffer.removeFirst() } else { given.removeFirst() }
    return best.entry
  }

  /// Whether no flow is left.
  var isEnd: Bool { given.isEmpty && streams.allSatisfy { $0.buffer.isEmpty && $0.isEnd } }
}
