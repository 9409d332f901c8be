import FlowMonitor
import QueueClient

/// What of a job is hidden, and what leaves the screen.
extension DetailPanel {
  /// What is hidden on the pages now.
  func masking(in scene: Scene) -> Masking { showsSecrets ? .none : scene.setup.masking }

  mutating func toggleSecrets(in scene: Scene) -> [Request] {
    guard tab != nil, let key = subject?.job else { return [.say("no job's detail is open")] }
    guard scene.setup.masking != .none else { return [.say("nothing is hidden: the setting 'mask' is empty")] }
    showsSecrets.toggle()
    mask(in: scene)
    let name = scene.picture.name(of: key)
    return [.say(showsSecrets ? "secrets of \(name) are shown until you leave it; M hides them" : "secrets are hidden")]
  }

  /// Of another job they are hidden again.
  mutating func hideSecrets() {
    guard showsSecrets else { return }
    showsSecrets = false
    // Nothing that was made with them stays.
    (read, logs, page) = (nil, LogView(), DetailPage())
    readings += 1
  }

  private mutating func mask(in scene: Scene) {
    let masking = masking(in: scene)
    if let read { self.read = (read.key, read.contents?.masked(by: masking)) }
    logs.mask(by: masking)
    readings += 1
  }

  /// Hands the page to a program outside, as it is shown: what is hidden stays so.
  mutating func openOutside(by program: OutsideProgram, in scene: Scene) -> [Request] {
    guard let tab, let key = subject?.job else { return [.say("no job's detail is open")] }
    guard !page.lines.isEmpty else { return [.say("there is nothing to open")] }
    let document = PageDocument(tab: tab, key: key, contents: read?.key == key ? read?.contents : nil, page: page)
    return [.perform(.open(document.file, program))]
  }
}
