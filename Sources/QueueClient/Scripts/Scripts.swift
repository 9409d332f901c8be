import Redis

/// The scripts by which queues change: each is one atomic step.
enum Scripts {
  static let addFlow = script("addFlow", PackageResources.addFlow_lua)
  static let parentsAmong = script("parentsAmong", PackageResources.parentsAmong_lua)
  static let removeJob = script("removeJob", PackageResources.removeJob_lua)
  static let removeUnprocessedChildren = script(
    "removeUnprocessedChildren", PackageResources.removeUnprocessedChildren_lua)
  static let removeChildDependency = script("removeChildDependency", PackageResources.removeChildDependency_lua)
  static let retryJob = script("retryJob", PackageResources.retryJob_lua)
  static let changeJob = script("changeJob", PackageResources.changeJob_lua)
  static let pauseQueue = script("pauseQueue", PackageResources.pauseQueue_lua)
  static let takeJob = script("takeJob", PackageResources.takeJob_lua)
  static let finishJob = script("finishJob", PackageResources.finishJob_lua)

  /// A script, with the functions that all of them share in front.
  private static func script(_ name: String, _ source: [UInt8]) -> RedisScript {
    RedisScript(name: name, embedded: PackageResources.queue_lua + source)
  }
}
