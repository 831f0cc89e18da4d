#include "http/server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "http/http_client.h"
#include "http/listener.h"

namespace halfclosed::http {
namespace {

using namespace std::chrono_literals;

class ServerTest : public testing::Test {
 protected:
    void serve(Handler handler, ConnectionPolicy::Limits limits = {}) {
        server_ = std::make_unique<Server>(
            Server::Options{{listener_.descriptor()}, limits, std::move(handler), {}});
    }

    HttpClient client() const { return HttpClient(listener_.address()); }

    Listener listener_{"127.0.0.1:0"};
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, TheHandlerHasTheWholeRequest) {
    Request asked;
    serve([&asked](const Request& request, const Reply& reply) {
        asked = request;
        reply.send(text_answer(418, kPlainText, "short and stout"));
    });
    const auto reply = client().request("GET", "/a%20b?x=1&y", "X-Twice: a\r\nx-twice: b\r\n");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 418);
    EXPECT_EQ(reply->body, "short and stout");
    EXPECT_EQ(asked.method, "GET");
    EXPECT_EQ(asked.path, "/a%20b");
    EXPECT_EQ(asked.query, (std::map<std::string, std::string>{{"x", "1"}, {"y", ""}}));
    EXPECT_EQ(asked.header("x-twice"), "a, b");
    EXPECT_EQ(asked.header("host"), "localhost");
    EXPECT_EQ(asked.peer.key, std::string("\x7f\0\0\1", 4));
}

TEST_F(ServerTest, TwoHostsAreABadRequest) {
    std::atomic<int> handled = 0;
    serve([&handled](const Request&, const Reply& reply) {
        ++handled;
        reply.send(text_answer(200, kPlainText, "fine"));
    });
    EXPECT_EQ(client().request("GET", "/", "Host: localhost\r\n")->status, 400);
    EXPECT_EQ(handled, 0);
    EXPECT_EQ(client().request("GET", "/")->status, 200);
}

TEST_F(ServerTest, AnAnswerMayComeLaterFromAnotherThread) {
    std::thread other;
    serve([&other](const Request& request, const Reply& reply) {
        if (request.path != "/later") {
            reply.send(text_answer(200, kPlainText, "now"));
            return;
        }
        other = std::thread([reply] {
            std::this_thread::sleep_for(50ms);
            reply.send(text_answer(200, kPlainText, "later"));
            reply.send(text_answer(500, kPlainText, "too late"));
        });
    });
    HttpClient waiting = client();
    waiting.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client().request("GET", "/")->body, "now") << "nobody waits for it";
    EXPECT_EQ(waiting.read_reply()->body, "later");
    EXPECT_EQ(waiting.request("GET", "/")->body, "now");
    other.join();
}

TEST_F(ServerTest, AReplyThatIsDroppedIsAnError) {
    serve([](const Request&, const Reply&) {});
    EXPECT_EQ(client().request("GET", "/")->status, 500);
}

TEST_F(ServerTest, TheBodyOfWhatIsRefusedNeedNotCome) {
    serve([](const Request& request, const Reply& reply) {
        reply.send(request.path == "/" ? text_answer(200, kPlainText, "taken")
                                       : method_not_allowed("GET"));
    });
    EXPECT_EQ(client().request("POST", "/x", "Content-Length: 5000\r\n")->status, 405);
    HttpClient whole = client();
    whole.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nGET / 123");
    EXPECT_EQ(whole.read_reply()->body, "taken");
    EXPECT_EQ(whole.request("GET", "/")->body, "taken");
}

TEST_F(ServerTest, TheReaderOfASilentStreamThatGoesIsNoticed) {
    std::promise<void> gone;
    auto stream = std::make_shared<Stream>(1000, [&gone] { gone.set_value(); });
    serve([&stream](const Request&, const Reply& reply) {
        reply.send(stream_answer(kPlainText, stream));
    });
    {
        HttpClient reader = client();
        reader.send("GET / HTTP/1.0\r\n\r\n");
        stream->write("one");
        EXPECT_FALSE(reader.ends_within(50ms));
    }
    // A half-close alone says nothing of the other direction: it is the next piece that is refused.
    stream->write("two");
    EXPECT_EQ(gone.get_future().wait_for(5s), std::future_status::ready);
}

TEST_F(ServerTest, ItEndsWhileStreamsAndRequestsAreOpen) {
    std::atomic<int> gone = 0;
    auto stream = std::make_shared<Stream>(1000, [&gone] { ++gone; });
    std::promise<Reply> asked;
    serve([&](const Request& request, const Reply& reply) {
        if (request.path == "/stream") {
            reply.send(stream_answer(kPlainText, stream));
        } else {
            asked.set_value(reply);
        }
    });
    HttpClient reader = client();
    reader.send("GET /stream HTTP/1.0\r\n\r\n");
    stream->write("one");
    EXPECT_FALSE(reader.ends_within(50ms));
    HttpClient waiting = client();
    waiting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const Reply late = asked.get_future().get();
    const auto begin = std::chrono::steady_clock::now();
    server_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
    EXPECT_EQ(gone, 1);
    EXPECT_TRUE(reader.ends_within(1s));
    EXPECT_TRUE(waiting.ends_within(1s));
    late.send(text_answer(200, kPlainText, "nobody hears this"));
    stream->write("nor this");
}

TEST_F(ServerTest, AStreamThatHasEndedHasTheDeadlineOfAnAnswer) {
    ConnectionPolicy::Limits limits;
    limits.answer = 1s;
    auto stream = std::make_shared<Stream>(std::size_t{1} << 20, [] {});
    serve([&stream](const Request&,
                    const Reply& reply) { reply.send(stream_answer(kPlainText, stream)); },
          limits);
    HttpClient reader = client();
    reader.set_receive_buffer(1);
    reader.send("GET / HTTP/1.0\r\n\r\n");
    std::this_thread::sleep_for(1500ms);  // longer than an answer may take
    stream->write(std::string(500'000, 'x'));
    stream->end();
    std::this_thread::sleep_for(4s);
    std::size_t got = 0;
    EXPECT_TRUE(reader.ends_within(1s, &got));
    EXPECT_LT(got, 500'000U) << "it was cut";
}

TEST_F(ServerTest, WhoReadsATextThatIsReleasedIsCut) {
    const auto text = std::make_shared<const std::string>(4'000'000, 'x');
    serve([&text](const Request&, const Reply& reply) { reply.send({200, {}, text, nullptr}); });
    HttpClient reader = client();
    reader.set_receive_buffer(1);
    reader.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    server_->release(text.get());
    std::size_t got = 0;
    EXPECT_TRUE(reader.ends_within(2s, &got));
    EXPECT_LT(got, text->size());
}

/// Were it sent whole, a segment of the loopback (64 KiB) would exceed the send buffer, and each answer wait 40 ms for a
/// delayed acknowledgement.
TEST_F(ServerTest, AnAnswerDoesNotWaitForADelayedAcknowledgement) {
    serve([text = std::make_shared<const std::string>(100'000, 'x')](const Request&,
                                                                     const Reply& reply) {
        reply.send({200, {}, text, nullptr});
    });
    HttpClient reader = client();
    std::vector<std::chrono::nanoseconds> took;
    for (int i = 0; i < 51; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        ASSERT_EQ(reader.request("GET", "/")->body.size(), 100'000U);
        took.push_back(std::chrono::steady_clock::now() - begin);
    }
    std::nth_element(took.begin(), took.begin() + 25, took.end());
    EXPECT_LT(took[25], 10ms);
}

}  // namespace
}  // namespace halfclosed::http
