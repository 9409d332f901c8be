import QueueClient

extension WindowContents {
  /// Takes a page in, its flows in the order of their names, whatever their case; those of one name by place.
  mutating func sort(_ page: FlowPage) {
    let keys = page.roots.map { (name: (names[$0] ?? "").lowercased(), key: $0) }
    self.page = page
    self.page.roots = keys.sorted { ($0.name, $0.key) < ($1.name, $1.key) }.map(\.key)
    let listed = Set(page.roots)
    names = names.filter { listed.contains($0.key) }
  }
}
