#include "observer/observer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace halfclosed {
namespace {

/// While it lives no descriptor can be opened: no netlink socket and no file.
class NoDescriptors {
 public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
    rlimit before_{};
};

TEST(Observer, WithoutSockDiagItIsBlindAndTriesAgain) {
    std::optional<Observer> observer;
    {
        const NoDescriptors none;
        Observer::Settings settings;
        settings.ports = {{9999, 9999}};
        settings.processes = Observer::Processes::of_leaks;
        observer.emplace(settings);
        observer->poll();
        observer->take_census();
        const exporters::Snapshot snapshot = observer->take_snapshot();
        EXPECT_FALSE(snapshot.closing) << "no answer is not none";
        EXPECT_FALSE(snapshot.census);
        EXPECT_EQ(snapshot.dump_failures.at("socket"), 1U) << "the census failed at sockstat";
        EXPECT_NE(observer->closing().error().find("sock_diag"), std::string::npos)
            << observer->closing().error();
        for (const exporters::CollectorHealth& collector : snapshot.collectors) {
            if (collector.name != "owners" && collector.name != "processes") {
                EXPECT_FALSE(collector.success) << collector.name;
            }
        }
    }
    observer->poll();
    EXPECT_EQ(observer->closing().error(), "");
    EXPECT_TRUE(observer->take_snapshot().closing);
}

}  // namespace
}  // namespace halfclosed
