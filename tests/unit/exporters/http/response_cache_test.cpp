#include "exporters/http/response_cache.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;

http::Request request_of(const std::string& method, const std::string& path,
                         const std::string& encoding = "") {
    return {method, path, {}, {{"accept-encoding", encoding}}, {}};
}

class ResponseCacheOfAPage : public testing::Test {
 protected:
    http::Answer ask(const http::Request& asked, Instant now) {
        return cache_.respond(asked, snapshot_, nullptr, now);
    }
    std::shared_ptr<const std::string> get(const std::string& path, Instant now,
                                           const std::string& encoding = "") {
        return ask(request_of("GET", path, encoding), now).text;
    }

    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>(busy_report());
    std::vector<const std::string*> released_;
    ResponseCache cache_{[this](const std::string* text) { released_.push_back(text); }};
};

TEST_F(ResponseCacheOfAPage, MakesOneAnswerForAllOfASecond) {
    const auto first = get("/metrics", kNow);
    EXPECT_EQ(get("/metrics", kNow + 999ms), first);
    EXPECT_EQ(ask(request_of("HEAD", "/metrics"), kNow).text, first);
    EXPECT_NE(get("/metrics", kNow + 1s), first);
}

TEST_F(ResponseCacheOfAPage, MakesWhatIsOfTheSnapshotAloneOnceForEach) {
    for (const std::string path : {"/", "/api/v1/live"}) {
        const auto first = get(path, kNow, "gzip");
        EXPECT_EQ(get(path, kNow + snapshot_->fresh_for, "gzip"), first) << path;
        EXPECT_NE(get(path, kNow + snapshot_->fresh_for + 1ms, "gzip"), first)
            << path << " says that it is of before";
        const auto second = get(path, kNow, "gzip");
        snapshot_ = std::make_shared<const Snapshot>(*snapshot_);
        EXPECT_NE(get(path, kNow, "gzip"), second) << path;
    }
}

TEST_F(ResponseCacheOfAPage, WhatIsOfTheSnapshotAloneEndsWithItHoweverLargeItIs) {
    Snapshot large = busy_report();
    large.host = std::string(ResponseCache::kKeptLongerPer, 'x');
    for (const std::string path : {"/", "/api/v1/live"}) {
        snapshot_ = std::make_shared<const Snapshot>(large);
        const auto first = get(path, kNow);
        ASSERT_GT(first->size(), ResponseCache::kKeptLongerPer);
        EXPECT_EQ(get(path, kNow), first);
        snapshot_ = std::make_shared<const Snapshot>(large);
        EXPECT_NE(get(path, kNow), first) << path;
    }
}

TEST_F(ResponseCacheOfAPage, AHundredViewersAreToldToAskLessOftenAndTheLastOneIsNot) {
    const auto pause = [this](Instant now) {
        snapshot_ = std::make_shared<const Snapshot>(*snapshot_);
        return nlohmann::json::parse(*get("/api/v1/live", now))["poll_seconds"].get<double>();
    };
    EXPECT_EQ(pause(kNow), 2.0);
    for (int viewer = 1; viewer < 100; ++viewer) {
        get("/api/v1/live", kNow);
    }
    EXPECT_EQ(pause(kNow + 2s), 8.0);
    for (int viewer = 1; viewer < 100; ++viewer) {
        get("/api/v1/live", kNow + 2s);
    }
    EXPECT_EQ(pause(kNow + 10s), 8.0) << "who asks first does not take himself for all there are";
    EXPECT_EQ(pause(kNow + 30s), 2.0);
}

TEST_F(ResponseCacheOfAPage, HoldsNoReport) {
    get("/metrics", kNow);
    const std::weak_ptr<const Snapshot> old = snapshot_;
    snapshot_ = std::make_shared<const Snapshot>(quiet_report());
    EXPECT_TRUE(old.expired());
}

TEST_F(ResponseCacheOfAPage, HoldsNoAnswerOnceItIsToldToForget) {
    const std::weak_ptr<const std::string> text = get("/metrics", kNow);
    EXPECT_FALSE(text.expired());
    cache_.forget();
    EXPECT_TRUE(text.expired());
}

TEST_F(ResponseCacheOfAPage, GivesTheStatusWithIt) {
    for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(ask(request_of("GET", "/metrics"), kNow).status, 200U);
        EXPECT_EQ(ask(request_of("POST", "/metrics"), kNow).status, 405U);
        EXPECT_EQ(ask(request_of("GET", "/nowhere"), kNow).status, 404U);
        EXPECT_EQ(cache_.respond(request_of("GET", "/metrics"), nullptr, nullptr, kNow).status,
                  503U);
    }
}

TEST_F(ResponseCacheOfAPage, KeepsCompressedAnswersApart) {
    EXPECT_NE(get("/metrics", kNow), get("/metrics", kNow, "gzip"));
    EXPECT_EQ(get("/metrics", kNow, "gzip"), get("/metrics", kNow, "deflate, gzip"));
}

/// Silent readers, each of another version: what they hold has a bound.
TEST_F(ResponseCacheOfAPage, ReadersOfOldVersionsAreLetGoWhenTheyHoldTooMuch) {
    std::vector<std::shared_ptr<const std::string>> read;
    std::size_t held = 0;
    for (int second = 0; held <= ResponseCache::kMostBeingRead; ++second) {
        EXPECT_TRUE(released_.empty()) << held;
        read.push_back(get("/metrics", kNow + std::chrono::seconds(second)));
        held += read.back()->size();
    }
    get("/metrics", kNow + 24h);
    EXPECT_EQ(released_, std::vector{read.front().get()}) << "the oldest goes";
}

/// Enough sockets for an answer that is dear.
std::shared_ptr<const Snapshot> crowded_report() {
    Snapshot snapshot = busy_report();
    const tracking::TrackedSocket one = snapshot.sockets.front();
    while (snapshot.sockets.size() < 5'000) {
        snapshot.sockets.push_back(one);
    }
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

TEST_F(ResponseCacheOfAPage, WhatIsDearToMakeIsMadeLessOften) {
    snapshot_ = crowded_report();
    const auto first = get("/api/v1/snapshot", kNow);
    ASSERT_GT(first->size(), ResponseCache::kKeptLongerPer);
    snapshot_ = crowded_report();
    cache_.forget();
    EXPECT_EQ(get("/api/v1/snapshot", kNow + 1900ms), first);
    EXPECT_NE(get("/api/v1/snapshot", kNow + 10s), first);
}

TEST_F(ResponseCacheOfAPage, WhatIsDearIsNotShownWhileTheKernelGivesNoAnswer) {
    snapshot_ = crowded_report();
    get("/api/v1/snapshot", kNow);
    auto blind = *crowded_report();
    blind.closing.reset();
    snapshot_ = std::make_shared<const Snapshot>(std::move(blind));
    EXPECT_EQ(ask(request_of("GET", "/api/v1/snapshot"), kNow + 500ms).status, 503U);
}

/// One who filters has an answer of his own, which nobody shares.
TEST_F(ResponseCacheOfAPage, FilteredAnswersCountToWhatIsBeingRead) {
    snapshot_ = crowded_report();
    http::Request filtered = request_of("GET", "/api/v1/snapshot");
    filtered.query["state"] = "close_wait";
    std::vector<std::shared_ptr<const std::string>> read;
    for (int i = 0; i < 10; ++i) {
        read.push_back(ask(filtered, kNow).text);
    }
    ASSERT_GT(10 * read.front()->size(), ResponseCache::kMostBeingRead);
    EXPECT_FALSE(released_.empty());
}

}  // namespace
}  // namespace halfclosed::exporters
