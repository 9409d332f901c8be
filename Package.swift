// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let package = Package(
  name: "bullflow",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "bullflow", targets: ["bullflow"]),
    .executable(name: "bullflow-bench", targets: ["bullflow-bench"]),
    .library(name: "QueueClient", targets: ["QueueClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])]),
    .target(
      name: "Redis",
      dependencies: [
        "CHiredis",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "QueueClient",
      dependencies: [
        "Redis",
        .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      resources: [
        .embedInCode("Scripts/keys.lua"),
        .embedInCode("Scripts/queue.lua"),
        .embedInCode("Scripts/kinds.lua"),
        .embedInCode("Scripts/addFlow.lua"),
        .embedInCode("Scripts/parentsAmong.lua"),
        .embedInCode("Scripts/removeJob.lua"),
        .embedInCode("Scripts/forgetJob.lua"),
        .embedInCode("Scripts/removeUnprocessedChildren.lua"),
        .embedInCode("Scripts/removeChildDependency.lua"),
        .embedInCode("Scripts/retryJob.lua"),
        .embedInCode("Scripts/placeLost.lua"),
        .embedInCode("Scripts/changeJob.lua"),
        .embedInCode("Scripts/pauseQueue.lua"),
        .embedInCode("Scripts/removeJobs.lua"),
        .embedInCode("Scripts/removeOrphans.lua"),
        .embedInCode("Scripts/moveJobs.lua"),
        .embedInCode("Scripts/finishing.lua"),
        .embedInCode("Scripts/taking.lua"),
        .embedInCode("Scripts/exchange.lua"),
        .embedInCode("Scripts/extendLocks.lua"),
        .embedInCode("Scripts/leaveActive.lua"),
        .embedInCode("Scripts/recoverStalled.lua"),
        .embedInCode("Scripts/wakeWorker.lua"),
        .embedInCode("Scripts/adding.lua"),
        .embedInCode("Scripts/deduplication.lua"),
        .embedInCode("Scripts/requeueing.lua"),
        .embedInCode("Scripts/removeDeduplicationKey.lua"),
        .embedInCode("Scripts/continueScheduler.lua"),
        .embedInCode("Scripts/upsertScheduler.lua"),
        .embedInCode("Scripts/removeScheduler.lua"),
        .embedInCode("Administering/dropDependencies.lua"),
        .embedInCode("Administering/retryFailed.lua"),
        .embedInCode("Administering/cancelJob.lua"),
        .embedInCode("Inspecting/inspecting.lua"),
        .embedInCode("Inspecting/trouble.lua"),
        .embedInCode("Inspecting/inspectJobs.lua"),
        .embedInCode("Inspecting/readFamily.lua"),
        .embedInCode("Inspecting/listChildren.lua"),
        .embedInCode("Inspecting/listRoots.lua"),
        .embedInCode("Inspecting/looseRoots.lua"),
        .embedInCode("Inspecting/sampleRoots.lua"),
        .embedInCode("Inspecting/climb.lua"),
        .embedInCode("Inspecting/lastEvent.lua"),
        .embedInCode("Inspecting/surveyJobs.lua"),
        .embedInCode("Inspecting/checkPending.lua"),
        .embedInCode("Inspecting/sweepParents.lua"),
        .embedInCode("Inspecting/sweepChildren.lua"),
        .embedInCode("Inspecting/sweepPlace.lua"),
        .embedInCode("Inspecting/readPiece.lua"),
        .embedInCode("Inspecting/readLogs.lua"),
        .embedInCode("Finding/pageJobs.lua"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "FlowMonitor",
      dependencies: ["QueueClient"],
      swiftSettings: strict
    ),
    .target(
      name: "Themes",
      path: "Themes",
      resources: [
        .embedInCode("dark.toml"), .embedInCode("light.toml"), .embedInCode("high-contrast.toml"),
        .embedInCode("colour-blind.toml"), .embedInCode("nord.toml"), .embedInCode("gruvbox.toml"),
        .embedInCode("paper.toml"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "Dashboard",
      dependencies: ["FlowMonitor", "CNcurses", "Themes", .product(name: "TOMLKit", package: "TOMLKit")],
      swiftSettings: strict
    ),
    .target(name: "PrivateRedis", dependencies: ["Redis"], swiftSettings: strict),
    .executableTarget(
      name: "bullflow",
      dependencies: [
        "Dashboard", "PrivateRedis",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "TOMLKit", package: "TOMLKit"), .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "bullflow-bench",
      dependencies: [
        "FlowMonitor", "QueueClient", "PrivateRedis", .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ],
      resources: [.embedInCode("peer.py")],
      swiftSettings: strict
    ),
    .target(
      name: "TestSupport",
      dependencies: ["QueueClient", "PrivateRedis", .product(name: "Subprocess", package: "swift-subprocess")],
      path: "Tests/TestSupport",
      exclude: ["peer.py"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "RedisTests",
      dependencies: [
        "Redis", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "WorkerFixture", dependencies: ["QueueClient", .product(name: "Logging", package: "swift-log")],
      path: "Tests/WorkerFixture", swiftSettings: strict),
    .testTarget(
      name: "QueueClientTests",
      dependencies: [
        "QueueClient", "TestSupport", "WorkerFixture",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ], swiftSettings: strict),
    .testTarget(name: "FlowMonitorTests", dependencies: ["FlowMonitor", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "TruthTests", dependencies: ["FlowMonitor", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "DashboardTests", dependencies: ["Dashboard"], swiftSettings: strict),
    .testTarget(
      name: "InteropTests", dependencies: ["QueueClient", "FlowMonitor", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "PropertyTests",
      dependencies: [
        .product(name: "Logging", package: "swift-log"), "bullflow", "QueueClient", "FlowMonitor", "Dashboard",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(name: "EndToEndTests", dependencies: ["bullflow", "TestSupport"], swiftSettings: strict),
  ]
)
