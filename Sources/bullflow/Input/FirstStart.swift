import FlowMonitor
import Foundation

/// Whether somebody starts the dashboard for the first time: a file in the cache folder remembers that they have.
enum FirstStart {
  /// Asks once; where nothing can be remembered, it is never the first time.
  static func isNow() -> Bool {
    guard let folder = QueueCache.folder() else { return false }
    let file = folder.appending(path: "welcomed")
    let manager = FileManager.default
    if manager.fileExists(atPath: file.path) { return false }
    try? manager.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return manager.createFile(atPath: file.path, contents: Data(), attributes: [.posixPermissions: 0o600])
  }
}
