import FlowMonitor
import QueueClient

/// What is shown of a job's children: a page of them, in an order.
struct ChildView: Sendable {
  private(set) var page: ChildPage?
  /// Where the page begins, and those before it; `nil` is the first.
  private(set) var places: [ChildPage.Place?] = [nil]
  var order = ChildOrder.state

  var place: ChildPage.Place? { places.last ?? nil }
  var isFirst: Bool { places.count == 1 }

  /// Where a step leads.
  func part(_ way: PageStep.Way) -> JobPart? {
    switch way {
    case .later: page?.next.map { .children($0) }
    case .earlier: isFirst ? nil : .children(places[places.count - 2])
    }
  }

  mutating func take(_ page: ChildPage, at place: ChildPage.Place?) {
    self.page = page
    if let index = places.firstIndex(of: place) {
      places.removeSubrange((index + 1)...)
    } else {
      places.append(place)
    }
  }

  /// The children in their order.
  var children: [ChildPage.Child] { (page?.children ?? []).sorted(by: order) }
}

/// What the children are sorted by.
enum ChildOrder: String, Sendable, CaseIterable {
  case state, name, value, duration

  var next: ChildOrder {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}

extension [ChildPage.Child] {
  /// Sorted; what is equal keeps its place.
  fileprivate func sorted(by order: ChildOrder) -> [Element] {
    switch order {
    case .state: self
    case .name: stable { ($0.name ?? "\u{10FFFF}") < ($1.name ?? "\u{10FFFF}") }
    // The largest first; what is no number comes last.
    case .value: stable { ($0.value?.double ?? -.infinity) > ($1.value?.double ?? -.infinity) }
    case .duration: stable { ($0.duration ?? -1) > ($1.duration ?? -1) }
    }
  }

  private func stable(_ isBefore: (Element, Element) -> Bool) -> [Element] {
    enumerated().sorted { left, right in
      isBefore(left.element, right.element)
        || !isBefore(right.element, left.element) && left.offset < right.offset
    }.map(\.element)
  }
}
