import QueueClient

extension WindowContents {
  /// The jobs through which a job failed, or will, one through the other, as far as they were read; the last of them may
  /// be still to read.
  func culprits(of key: JobKey) -> [JobKey] {
    var met: [JobKey] = []
    // Of most jobs there is none: this is asked of each row.
    while met.count < Self.mostCulprits, let next = jobs[met.last ?? key]?.failedChild, next != key, !met.contains(next)
    {
      met.append(next)
    }
    return met
  }

  /// What lies deeper, the search for problems tells.
  private static let mostCulprits = 32

  /// Takes a page in, its flows in the order of their names, whatever their case; those of one name by place.
  mutating func sort(_ page: FlowPage) {
    let keys = page.roots.map { (name: (names[$0] ?? "").lowercased(), key: $0) }
    self.page = page
    self.page.roots = keys.sorted { ($0.name, $0.key) < ($1.name, $1.key) }.map(\.key)
    let listed = Set(page.roots)
    names = names.filter { listed.contains($0.key) }
  }
}
