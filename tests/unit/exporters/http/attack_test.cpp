#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "exporters/http/server.h"
#include "exporters/sample_snapshot.h"
#include "host/process_metrics.h"
#include "http/http_client.h"

namespace halfclosed::exporters {
namespace {

using http::ConnectionPolicy;
using http::http_get;
using http::HttpClient;

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A sanitizer's own memory grows with every allocation.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::unique_ptr<HttpServer> running_server(const ConnectionPolicy::Limits& limits) {
    HttpOptions options;
    options.listen = {"127.0.0.1:0"};
    options.limits = limits;
    auto server = std::make_unique<HttpServer>(options);
    Snapshot snapshot = busy_report();
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    snapshot.instant = Instant(std::chrono::seconds(now.tv_sec));
    snapshot.fresh_for = 1h;
    server->publish(std::make_shared<const Snapshot>(std::move(snapshot)));
    return server;
}

/// What a scraper saw that asked again and again, each time on a connection of its own.
struct Scrapes {
    std::size_t failed = 0;
    std::chrono::nanoseconds p99{0};
};

using Ask = std::function<std::optional<http::HttpReply>()>;

Scrapes scrape(const Ask& ask, int times, std::chrono::milliseconds pause) {
    Scrapes result;
    std::vector<std::chrono::nanoseconds> took;
    // A few failures tell as much as all of them, each of which waits for seconds.
    for (int i = 0; i < times && result.failed < 3; ++i) {
        const auto begin = Clock::now();
        const auto reply = ask();
        took.push_back(Clock::now() - begin);
        result.failed += reply && reply->status == 200 ? 0 : 1;
        std::this_thread::sleep_for(pause);
    }
    std::sort(took.begin(), took.end());
    result.p99 = took[took.size() * 99 / 100];
    return result;
}

/// The best of three: other work on this machine may hold up one of them, a server that lets itself be held up is so
/// in all.
Scrapes best_scrapes(const Ask& ask, int times, std::chrono::milliseconds pause) {
    Scrapes best = scrape(ask, times, pause);
    for (int again = 0; again < 2 && best.failed == 0 && best.p99 >= 100ms; ++again) {
        const Scrapes next = scrape(ask, times, pause);
        best.failed += next.failed;
        best.p99 = std::min(best.p99, next.p99);
    }
    return best;
}

/// The scraper and all of the attackers come from 127.0.0.1.
TEST(HttpUnderAttack, HalfOpenAndSlowConnectionsDoNotDelayTheScraper) {
    const auto server = running_server({});
    const std::string address = server->addresses().at(0);
    const double memory_before = *host::read_process_metrics().resident_bytes;

    std::vector<HttpClient> silent;
    for (int i = 0; i < 150; ++i) {
        silent.emplace_back(address);
        if (i % 2 == 0) {
            silent.back().send("GET /metrics HT");
        }
    }
    std::vector<HttpClient> slow_readers;
    for (int i = 0; i < 20; ++i) {
        HttpClient& reader = slow_readers.emplace_back(address);
        reader.set_receive_buffer(1);
        for (int n = 0; n < 20; ++n) {
            reader.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
    }
    std::vector<HttpClient> tricklers;
    for (int i = 0; i < 20; ++i) {
        tricklers.emplace_back(address);
    }
    std::atomic<bool> done = false;
    std::thread trickle([&] {
        const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
        for (std::size_t i = 0; !done; ++i) {
            for (HttpClient& client : tricklers) {
                client.send(std::string(1, i < request.size() ? request[i] : 'a'));
            }
            std::this_thread::sleep_for(100ms);
        }
    });
    const Scrapes scrapes = best_scrapes(
        [&] { return http_get(address, "/metrics", "Connection: close\r\n"); }, 300, 5ms);
    done = true;
    trickle.join();
    EXPECT_EQ(scrapes.failed, 0U);
    EXPECT_LT(scrapes.p99, 100ms);
    const double memory = *host::read_process_metrics().resident_bytes - memory_before;
    if (!kSanitized) {
        EXPECT_LT(memory, 8.0 * 1024 * 1024);
    }
    RecordProperty("memory_kilobytes", static_cast<int>(memory / 1024));
    RecordProperty("p99_microseconds", static_cast<int>(scrapes.p99 / 1us));
}

/// More connections than there are places, from the scraper's own address and kept open: the oldest silent one makes
/// room, long before its time is up. A request that was sent is answered, however many came in one rush before it and
/// come after it.
TEST(HttpUnderAttack, AFullHouseStillLetsTheScraperIn) {
    ConnectionPolicy::Limits limits;
    limits.connections = 50;
    limits.first_request = 60s;
    const auto server = running_server(limits);
    const std::string address = server->addresses().at(0);
    // Nobody comes in between while the scraper connects and asks: a scraper that is off its processor then is silent.
    std::mutex door;
    std::deque<HttpClient> held;
    const auto hold_one_more = [&] {
        const std::lock_guard lock(door);
        held.emplace_back(address).send("GET /metr");
        if (held.size() > 500) {
            held.pop_front();
        }
    };
    const auto ask = [&] {
        std::optional<HttpClient> scraper;
        {
            const std::lock_guard lock(door);
            scraper.emplace(address).send(
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        }
        return scraper->read_reply();
    };
    std::atomic<bool> done = false;
    std::thread flood([&] {
        while (!done) {
            hold_one_more();
            std::this_thread::sleep_for(1ms);
        }
    });
    for (int rush = 0; rush < 10; ++rush) {
        for (int i = 0; i < 300; ++i) {
            hold_one_more();
        }
        const auto reply = ask();
        EXPECT_TRUE(reply && reply->status == 200) << "rush " << rush;
    }
    const Scrapes scrapes = best_scrapes(ask, 200, 2ms);
    done = true;
    flood.join();
    EXPECT_EQ(scrapes.failed, 0U);
    EXPECT_LT(scrapes.p99, 100ms);
    EXPECT_TRUE(held.front().ends_within(1s)) << "the oldest made room";
}

TEST(HttpUnderAttack, ATrickleDoesNotPutOffTheDeadline) {
    ConnectionPolicy::Limits limits;
    limits.first_request = 1s;
    const auto server = running_server(limits);
    HttpClient trickler(server->addresses().at(0));
    const auto begin = Clock::now();
    bool ended = false;
    while (!ended && Clock::now() - begin < 10s) {
        trickler.send("G");
        ended = trickler.ends_within(100ms);
    }
    EXPECT_TRUE(ended);
    EXPECT_GE(Clock::now() - begin, 900ms);
    EXPECT_LT(Clock::now() - begin, 4s);
}

TEST(HttpUnderAttack, AnIdleConnectionIsEndedAndAUsedOneIsNot) {
    ConnectionPolicy::Limits limits;
    limits.first_request = 1s;
    limits.next_request = 2s;
    const auto server = running_server(limits);
    HttpClient idle(server->addresses().at(0));
    HttpClient used(server->addresses().at(0));
    ASSERT_TRUE(idle.request("GET", "/-/healthy"));
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(used.request("GET", "/-/healthy")) << i;
        std::this_thread::sleep_for(500ms);
    }
    EXPECT_TRUE(idle.ends_within(100ms));
    EXPECT_TRUE(used.request("GET", "/-/healthy"));
}

}  // namespace
}  // namespace halfclosed::exporters
