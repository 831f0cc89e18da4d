#include "exporters/http/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "exporters/sample_snapshot.h"
#include "host/process_metrics.h"
#include "http/http_client.h"
#include "http/listener.h"

namespace halfclosed::exporters {
namespace {

using http::http_get;
using http::HttpClient;
using http::Listener;

using namespace std::chrono_literals;

/// A snapshot of this moment: the server asks the monotonic clock.
std::shared_ptr<const Snapshot> report_of_now(Snapshot snapshot = busy_report()) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    snapshot.instant = Instant(std::chrono::seconds(now.tv_sec));
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

HttpOptions on_any_port() {
    HttpOptions options;
    options.listen = {"127.0.0.1:0"};
    return options;
}

class RunningHttpServer : public testing::Test {
 protected:
    HttpServer server_{on_any_port()};
    const std::string address_ = server_.addresses().at(0);
};

TEST_F(RunningHttpServer, IsReadyOnceAReportIsPublished) {
    EXPECT_EQ(http_get(address_, "/-/ready")->status, 503);
    EXPECT_EQ(http_get(address_, "/metrics")->status, 503);
    EXPECT_EQ(http_get(address_, "/-/healthy")->status, 200);
    server_.publish(report_of_now());
    EXPECT_EQ(http_get(address_, "/-/ready")->status, 200);
    EXPECT_EQ(http_get(address_, "/metrics")->status, 200);
    EXPECT_EQ(http_get(address_, "/metrics?x=y")->status, 400);
}

TEST_F(RunningHttpServer, TheMetricsTakeSeveralNames) {
    server_.publish(report_of_now());
    const auto some =
        http_get(address_, "/metrics?name[]=halfclosed_sockets&name%5B%5D=process_open_fds");
    EXPECT_EQ(some->status, 200);
    EXPECT_NE(some->body.find("\nhalfclosed_sockets{"), std::string::npos);
    EXPECT_NE(some->body.find("\nprocess_open_fds "), std::string::npos);
    EXPECT_EQ(some->body.find("\nhalfclosed_collector"), std::string::npos);
}

TEST_F(RunningHttpServer, AnswersFromTheLastReport) {
    server_.publish(report_of_now(quiet_report()));
    EXPECT_EQ(http_get(address_, "/api/v1/snapshot")->body.find("close_wait"), std::string::npos);
    server_.publish(report_of_now());
    EXPECT_NE(http_get(address_, "/api/v1/snapshot")->body.find("close_wait"), std::string::npos);
}

// Counts are for everybody who may read the page; addresses, users and processes need not be.
TEST_F(RunningHttpServer, SingleSocketsAreShownToThoseWhoMaySeeThem) {
    server_.publish(report_of_now());
    EXPECT_EQ(http_get(address_, "/api/v1/snapshot")->status, 200);
    for (const SnapshotAccess access : {SnapshotAccess::authenticated, SnapshotAccess::socket}) {
        server_.show_sockets_to(access);
        for (const char* path : {"/api/v1/snapshot", "/api/v1/snapshot?state=close_wait"}) {
            const auto refused = http_get(address_, path);
            EXPECT_EQ(refused->status, 403) << path;
            EXPECT_EQ(refused->body.find("127.0.0.1:"), std::string::npos);
        }
        for (const char* path : {"/metrics", "/", "/-/ready"}) {
            const auto reply = http_get(address_, path);
            EXPECT_EQ(reply->status, 200) << path;
            EXPECT_EQ(reply->body.find("127.0.0.1:40"), std::string::npos) << path;
        }
    }
    server_.show_sockets_to(SnapshotAccess::open);
    EXPECT_EQ(http_get(address_, "/api/v1/snapshot")->status, 200);
}

TEST_F(RunningHttpServer, HeadersAreThose) {
    server_.publish(report_of_now());
    const auto reply = http_get(address_, "/metrics");
    EXPECT_EQ(reply->headers.at("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(reply->headers.at("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply->headers.at("Content-Security-Policy"), "default-src 'self'");
    EXPECT_EQ(reply->headers.at("X-Frame-Options"), "DENY");
    EXPECT_EQ(reply->headers.at("Cache-Control"), "no-store");
    EXPECT_FALSE(reply->headers.contains("Server"));
    EXPECT_EQ(http_get(address_, "/")
                  ->headers.at("Content-Security-Policy")
                  .rfind("default-src 'self'; style-src 'self' 'sha256-", 0),
              0U);
}

TEST_F(RunningHttpServer, KeepsTheConnectionForFurtherRequests) {
    server_.publish(report_of_now());
    HttpClient client(address_);
    for (const char* path : {"/metrics", "/", "/-/ready", "/metrics"}) {
        EXPECT_EQ(client.request("GET", path)->status, 200) << path;
    }
}

TEST_F(RunningHttpServer, HeadHasTheHeaderWithoutTheBody) {
    server_.publish(report_of_now());
    HttpClient client(address_);
    const auto head = client.request("HEAD", "/-/healthy");
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->headers.at("Content-Length"), "22");
    EXPECT_EQ(client.request("GET", "/-/healthy")->body, "halfclosed is healthy\n");
}

TEST_F(RunningHttpServer, PipelinedRequestsAreAnsweredInOrder) {
    server_.publish(report_of_now());
    HttpClient client(address_);
    const std::string host = " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.send("GET /-/healthy" + host + "GET /nowhere" + host + "GET /-/ready" + host);
    EXPECT_EQ(client.read_reply()->status, 200);
    EXPECT_EQ(client.read_reply()->status, 404);
    EXPECT_EQ(client.read_reply()->body, "halfclosed is ready\n");
}

TEST_F(RunningHttpServer, PathsAreTakenAsSent) {
    server_.publish(report_of_now());
    for (const char* path : {"/metricsx", "/%6detrics", "/metrics%00", "/../metrics", "/metrics/",
                             "/..%2f..%2fetc/passwd", "http://localhost/metrics"}) {
        EXPECT_EQ(http_get(address_, path)->status, 404) << path;
    }
}

TEST_F(RunningHttpServer, OtherMethodsAreRefused) {
    server_.publish(report_of_now());
    for (const char* method : {"PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"}) {
        const auto reply = HttpClient(address_).request(method, "/metrics");
        ASSERT_TRUE(reply) << method;
        EXPECT_EQ(reply->status, 405) << method;
        EXPECT_EQ(reply->headers.at("Allow"), "GET, HEAD") << method;
    }
    // Refused before the body comes.
    const auto post = HttpClient(address_).request("POST", "/metrics", "Content-Length: 5000\r\n");
    ASSERT_TRUE(post);
    EXPECT_EQ(post->status, 405);
}

TEST_F(RunningHttpServer, ABodyOfAGetIsNotTakenForARequest) {
    server_.publish(report_of_now());
    HttpClient client(address_);
    client.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nGET / 123");
    EXPECT_EQ(client.read_reply()->body, "halfclosed is healthy\n");
    EXPECT_EQ(client.request("GET", "/-/ready")->status, 200);
}

TEST_F(RunningHttpServer, MalformedRequestsAreRefused) {
    server_.publish(report_of_now());
    const auto status_of = [this](const std::string& bytes) {
        HttpClient client(address_);
        client.send(bytes);
        const auto reply = client.read_reply();
        return reply ? reply->status : 0;
    };
    EXPECT_EQ(status_of("GET /metrics HTTP/1.1\r\n\r\n"), 400) << "no Host";
    EXPECT_EQ(status_of("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
              400);
    EXPECT_EQ(
        status_of("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        414);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(70'000, 'a') +
                        "\r\n\r\n"),
              431);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"), 400);
    EXPECT_EQ(http_get(address_, "/-/healthy")->status, 200) << "and it goes on";
}

TEST_F(RunningHttpServer, CompressesWhenAsked) {
    server_.publish(report_of_now());
    const auto plain = http_get(address_, "/metrics");
    const auto packed = http_get(address_, "/metrics", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(packed->headers.at("Content-Encoding"), "gzip");
    EXPECT_FALSE(plain->headers.contains("Content-Encoding"));
    EXPECT_EQ(packed->body.substr(0, 2), "\x1f\x8b");
    EXPECT_LT(packed->body.size() * 5, plain->body.size());
}

TEST_F(RunningHttpServer, AnswersFromTheLastSnapshot) {
    const auto publish = [this](int open_fds) {
        Snapshot snapshot = *report_of_now();
        snapshot.process.open_fds = open_fds;
        server_.publish(std::make_shared<const Snapshot>(std::move(snapshot)));
        const std::string body = http_get(address_, "/metrics")->body;
        return std::stoi(body.substr(body.find("\nprocess_open_fds ") + 18));
    };
    EXPECT_EQ(publish(12), 12);
    EXPECT_EQ(publish(13), 13);
}

TEST_F(RunningHttpServer, EndsAtOnceThoughConnectionsAreOpen) {
    auto server = std::make_unique<HttpServer>(on_any_port());
    const HttpClient silent(server->addresses().at(0));
    HttpClient partial(server->addresses().at(0));
    partial.send("GET /metr");
    ASSERT_FALSE(partial.ends_within(20ms));
    const auto begin = std::chrono::steady_clock::now();
    server.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms);
    EXPECT_TRUE(partial.ends_within(1s));
}

/// DNS rebinding: a page of another name must not read what is served here.
TEST_F(RunningHttpServer, ARequestForAnotherHostIsMisdirected) {
    server_.publish(report_of_now());
    const auto status_for = [this](const std::string& host) {
        HttpClient client(address_);
        client.send("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        const auto reply = client.read_reply();
        return reply ? reply->status : 0;
    };
    EXPECT_EQ(status_for(address_), 200);
    EXPECT_EQ(status_for("localhost"), 200);
    EXPECT_EQ(status_for("evil.example"), 421);
    EXPECT_EQ(status_for("198.51.100.1:10999"), 421);
}

TEST(HttpServer, ListensOnSeveralAddresses) {
    HttpOptions options;
    options.listen = {"127.0.0.1:0", "[::1]:0"};
    HttpServer server(options);
    server.publish(report_of_now());
    ASSERT_EQ(server.addresses().size(), 2U);
    for (const std::string& address : server.addresses()) {
        EXPECT_EQ(http_get(address, "/-/ready")->status, 200) << address;
    }
}

TEST(HttpServer, ABusyAddressIsNamed) {
    const Listener taken("127.0.0.1:0");
    HttpOptions options;
    options.listen = {"127.0.0.1:0", taken.address()};
    try {
        const HttpServer server(options);
        FAIL() << "listens on a busy address";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), "cannot listen on " + taken.address() + ": Address already in use");
    }
}

TEST(HttpServer, ServesASocketThatWasOpenedForIt) {
    std::string address;
    int passed = -1;
    {
        const Listener opened("127.0.0.1:0");
        address = opened.address();
        passed = dup(opened.descriptor());
    }
    // A client that came before the server did is served too.
    HttpClient early(address);
    HttpOptions options;
    options.listen = {};
    options.inherited = {passed};
    const HttpServer server(options);
    EXPECT_EQ(server.addresses(), std::vector<std::string>{address});
    EXPECT_EQ(early.request("GET", "/-/healthy")->status, 200);
}

TEST(HttpServer, LeavesNoDescriptorBehind) {
    { const HttpServer warm_up(on_any_port()); }
    const auto before = host::read_process_metrics().open_fds;
    for (int round = 0; round < 5; ++round) {
        const HttpServer server(on_any_port());
        HttpClient client(server.addresses().at(0));
        client.request("GET", "/-/healthy");
    }
    EXPECT_EQ(host::read_process_metrics().open_fds, before);
}

/// Reports change under the readers; each answer is of one snapshot.
TEST(HttpServer, ParallelScrapesSeeWholeReports) {
    HttpServer server(on_any_port());
    server.publish(report_of_now());
    const std::string address = server.addresses().at(0);
    std::atomic<bool> done = false;
    std::atomic<int> scrapes = 0;
    std::vector<std::thread> scrapers;
    for (int i = 0; i < 4; ++i) {
        scrapers.emplace_back([&] {
            HttpClient client(address);
            while (!done) {
                const auto reply = client.request("GET", "/api/v1/snapshot");
                ASSERT_TRUE(reply);
                ASSERT_EQ(reply->status, 200);
                const bool busy = reply->body.find("5f3a") != std::string::npos;
                ASSERT_EQ(busy, reply->body.find("last_ack") != std::string::npos);
                ++scrapes;
            }
        });
    }
    for (int i = 0; i < 200; ++i) {
        server.publish(report_of_now(i % 2 == 0 ? quiet_report() : busy_report()));
        std::this_thread::sleep_for(1ms);
    }
    done = true;
    for (std::thread& scraper : scrapers) {
        scraper.join();
    }
    EXPECT_GT(scrapes, 100);
}

}  // namespace
}  // namespace halfclosed::exporters
