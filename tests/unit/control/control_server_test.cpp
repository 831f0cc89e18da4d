#include "control/control_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "posix/file.h"

namespace halfclosed::control {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostUnread = 4 * 1024 * 1024;

/// A server in the loop of the test, and clients in threads beside it.
class ControlServerTest : public testing::Test {
 protected:
    ControlServerTest() {
        std::string name = (std::filesystem::temp_directory_path() / "control-XXXXXX").string();
        directory_ = mkdtemp(name.data());
        path_ = (directory_ / "control.sock").string();
        deadline_ = loop_.timer([this] {
            ADD_FAILURE() << "it takes too long";
            loop_.stop(1);
        });
        deadline_.set(20s);
    }
    ~ControlServerTest() override { std::filesystem::remove_all(directory_); }

    posix::Descriptor dial() const {
        posix::Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path_.c_str());
        EXPECT_EQ(
            connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
        return connection;
    }

    static void say(const posix::Descriptor& connection, const std::string& text) {
        EXPECT_EQ(send(connection.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    static std::string read_all(const posix::Descriptor& connection) {
        std::string text;
        char buffer[4096];
        for (ssize_t got = 0; (got = read(connection.get(), buffer, sizeof buffer)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(got));
        }
        return text;
    }

    /// What the server says to this, in one connection that ends with the answer.
    std::string answer_to(const std::string& request) {
        std::string answer;
        stop_after([&] {
            const posix::Descriptor connection = dial();
            say(connection, request);
            answer = read_all(connection);
        });
        return answer;
    }

    /// Runs the client in a thread, and the loop until it is done.
    template <typename Client>
    void stop_after(Client client) {
        done_ = false;
        std::thread thread([&] {
            client();
            done_ = true;
        });
        EventLoop::EventSource look;
        look = loop_.timer([&] {
            if (done_) {
                loop_.stop(0);
            } else {
                look.set(1ms);
            }
        });
        look.set(1ms);
        loop_.run();
        thread.join();
    }

    std::filesystem::path directory_;
    std::string path_;
    EventLoop loop_;
    EventLoop::EventSource deadline_;
    std::atomic<bool> done_ = false;
};

TEST_F(ControlServerTest, HandsTheRequestToTheRouter) {
    http::Request asked;
    const ControlServer server(loop_, path_, [&asked](const http::Request& request) {
        asked = request;
        http::Answer answer = http::text_answer(418, "text/plain", "short and stout\n");
        answer.headers.emplace_back("Retry-After", "10");
        return answer;
    });
    const std::string answer =
        answer_to("POST /a%20b/run?x=1&y HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 418")) << answer;
    EXPECT_NE(answer.find("Retry-After: 10\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nshort and stout\n")) << answer;
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.path, "/a%20b/run");
    EXPECT_EQ(asked.query, (std::map<std::string, std::string>{{"x", "1"}, {"y", ""}}));
    ASSERT_TRUE(asked.peer.process);
    EXPECT_EQ(asked.peer.process->uid, geteuid());
    EXPECT_EQ(asked.peer.process->pid, getpid());
}

// The loop does not run: it has other things to do, as a poll.
TEST_F(ControlServerTest, WhatNeedsNothingOfTheLoopDoesNotWaitForIt) {
    std::atomic<int> routed = 0;
    const ControlServer server(
        loop_, path_,
        [&routed](const http::Request&) {
            ++routed;
            return http::text_answer(200, "text/plain", "from the loop\n");
        },
        [](const http::Request& request) -> std::optional<http::Answer> {
            if (request.path != "/metrics") {
                return std::nullopt;
            }
            return http::text_answer(200, "text/plain", "at once\n");
        });
    const posix::Descriptor connection = dial();
    say(connection, "GET /metrics HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(read_all(connection).ends_with("at once\n"));
    EXPECT_EQ(routed, 0);
    EXPECT_TRUE(answer_to("POST /-/reload HTTP/1.0\r\n\r\n").ends_with("from the loop\n"));
    EXPECT_EQ(routed, 1);
}

TEST_F(ControlServerTest, AStreamComesPieceByPiece) {
    std::shared_ptr<http::Stream> stream;
    std::atomic<bool> gone = false;
    const ControlServer server(loop_, path_, [&](const http::Request&) {
        stream = std::make_shared<http::Stream>(kMostUnread, [&gone] { gone = true; });
        stream->write("one\n");
        return http::stream_answer("text/plain", stream);
    });
    int count = 0;
    EventLoop::EventSource more;
    more = loop_.timer([&] {
        if (!stream) {
        } else if (++count < 5) {
            stream->write("more\n");
        } else {
            stream->end();
            return;
        }
        more.set(10ms);
    });
    more.set(10ms);
    const std::string answer = answer_to("GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("\r\n\r\none\nmore\nmore\nmore\nmore\n")) << answer;
    EXPECT_FALSE(gone);
}

TEST_F(ControlServerTest, AReaderThatGoesAwayIsNoticed) {
    std::shared_ptr<http::Stream> stream;
    std::atomic<int> gone = 0;
    const ControlServer server(loop_, path_, [&](const http::Request&) {
        stream = std::make_shared<http::Stream>(kMostUnread, [&] {
            ++gone;
            loop_.post([this] { loop_.stop(0); });
        });
        stream->write("one\n");
        return http::stream_answer("text/plain", stream);
    });
    std::thread client([&] {
        const posix::Descriptor connection = dial();
        say(connection, "GET / HTTP/1.0\r\n\r\n");
        char first = 0;
        EXPECT_EQ(read(connection.get(), &first, 1), 1);
    });
    loop_.run();
    client.join();
    EXPECT_EQ(gone, 1);
    stream->write("nobody hears this\n");
    stream->end();
}

TEST_F(ControlServerTest, AReaderThatDoesNotReadIsGoneInTheEnd) {
    std::atomic<int> gone = 0;
    std::shared_ptr<http::Stream> stream;
    const ControlServer server(loop_, path_, [&](const http::Request&) {
        stream = std::make_shared<http::Stream>(kMostUnread, [&gone] { ++gone; });
        return http::stream_answer("text/plain", stream);
    });
    stop_after([&] {
        const posix::Descriptor connection = dial();
        say(connection, "GET / HTTP/1.0\r\n\r\n");
        char first = 0;
        EXPECT_EQ(recv(connection.get(), &first, 1, MSG_PEEK), 1);
    });
    ASSERT_TRUE(stream);
    const std::string block(1024 * 1024, 'x');
    for (int i = 0; i < 6; ++i) {
        stream->write(block);
    }
    EXPECT_EQ(gone, 1);
}

TEST_F(ControlServerTest, ItCanEndWhileAStreamIsOpen) {
    std::atomic<int> gone = 0;
    std::shared_ptr<http::Stream> stream;
    {
        const ControlServer server(loop_, path_, [&](const http::Request&) {
            stream = std::make_shared<http::Stream>(kMostUnread, [&gone] { ++gone; });
            stream->write("one\n");
            return http::stream_answer("text/plain", stream);
        });
        std::thread client([&] {
            const posix::Descriptor connection = dial();
            say(connection, "GET / HTTP/1.0\r\n\r\n");
            read_all(connection);
        });
        EventLoop::EventSource look;
        look = loop_.timer([&] {
            if (stream) {
                loop_.stop(0);
            }
            look.set(5ms);
        });
        look.set(5ms);
        loop_.run();
        client.detach();
    }
    EXPECT_EQ(gone, 1);
    std::this_thread::sleep_for(50ms);
}

TEST_F(ControlServerTest, RubbishIsRefusedAndTheNextIsServed) {
    const ControlServer server(loop_, path_, [](const http::Request&) {
        return http::text_answer(200, "text/plain", "fine\n");
    });
    const std::string huge = "GET / HTTP/1.0\r\nX: " + std::string(20 * 1024, 'x') + "\r\n\r\n";
    std::string last;
    stop_after([&] {
        for (const std::string& rubbish :
             {std::string("\r\n\r\n\r\n"), std::string("\0\1\2", 3), huge}) {
            const posix::Descriptor connection = dial();
            send(connection.get(), rubbish.data(), rubbish.size(), MSG_NOSIGNAL);
        }
        const posix::Descriptor connection = dial();
        say(connection, "GET / HTTP/1.0\r\n\r\n");
        last = read_all(connection);
    });
    EXPECT_TRUE(last.ends_with("fine\n")) << last;
}

/// A member of the socket's group cannot take all places for longer than it takes to ask for one.
TEST_F(ControlServerTest, ManyWhoAskSlowlyLockNobodyOut) {
    const ControlServer server(loop_, path_, [](const http::Request&) {
        return http::text_answer(200, "text/plain", "fine\n");
    });
    std::string last;
    stop_after([&] {
        std::vector<posix::Descriptor> slow;
        for (int i = 0; i < 100; ++i) {
            slow.push_back(dial());
            send(slow.back().get(), "GET / HT", 8, MSG_NOSIGNAL);
        }
        const posix::Descriptor connection = dial();
        say(connection, "GET / HTTP/1.0\r\n\r\n");
        last = read_all(connection);
    });
    EXPECT_TRUE(last.ends_with("fine\n")) << last;
}

}  // namespace
}  // namespace halfclosed::control
