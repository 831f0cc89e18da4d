#include "exporters/http/response_cache.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

class ResponseCacheOfAPage : public testing::Test {
 protected:
    MHD_Response* get(const std::string& path, Instant now, const std::string& encoding = "") {
        return cache_.respond({"GET", path, encoding}, snapshot_, nullptr, now).first;
    }

    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>(busy_report());
    ResponseCache cache_;
};

TEST_F(ResponseCacheOfAPage, MakesOneAnswerForAllOfASecond) {
    MHD_Response* const first = get("/metrics", kNow);
    EXPECT_EQ(get("/metrics", kNow + 999ms), first);
    EXPECT_EQ(cache_.respond({"HEAD", "/metrics", ""}, snapshot_, nullptr, kNow).first, first);
}

TEST_F(ResponseCacheOfAPage, LetsGoOfAnOldReport) {
    get("/metrics", kNow);
    const std::weak_ptr<const Snapshot> old = snapshot_;
    snapshot_ = std::make_shared<const Snapshot>(quiet_report());
    EXPECT_FALSE(old.expired());
    get("/-/healthy", kNow);
    EXPECT_TRUE(old.expired());
}

TEST_F(ResponseCacheOfAPage, GivesTheStatusWithIt) {
    for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(cache_.respond({"GET", "/metrics", ""}, snapshot_, nullptr, kNow).second, 200U);
        EXPECT_EQ(cache_.respond({"POST", "/metrics", ""}, snapshot_, nullptr, kNow).second, 405U);
        EXPECT_EQ(cache_.respond({"GET", "/nowhere", ""}, snapshot_, nullptr, kNow).second, 404U);
        EXPECT_EQ(cache_.respond({"GET", "/metrics", ""}, nullptr, nullptr, kNow).second, 503U);
    }
}

TEST_F(ResponseCacheOfAPage, KeepsCompressedAnswersApart) {
    EXPECT_NE(get("/metrics", kNow), get("/metrics", kNow, "gzip"));
    EXPECT_EQ(get("/metrics", kNow, "gzip"), get("/metrics", kNow, "deflate, gzip"));
}

}  // namespace
}  // namespace halfclosed::exporters
