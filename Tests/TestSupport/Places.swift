import Foundation

/// Where things are that tests need.
public enum Places {
  /// The project's folder.
  public static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The folder of what was built beside the tests.
  public static var products: URL {
    #if os(macOS)
      for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
        return bundle.bundleURL.deletingLastPathComponent()
      }
    #endif
    return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// The program under test.
  public static var bullflow: String { products.appending(path: "bullflow").path }

  /// The Python that has the real BullMQ.
  public static let python = project.appending(path: ".venv-peer/bin/python").path
}
