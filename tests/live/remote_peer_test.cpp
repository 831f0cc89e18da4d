// A peer on another host: another network namespace behind a veth pair. The other end of the connection is in no dump of
// ours, as in production.

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <system_error>
#include <thread>

#include "follower.h"
#include "ground/connection.h"

namespace halfclosed {

using namespace std::chrono_literals;

namespace {

int checked(int result, const char* attempt) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), attempt);
    }
    return result;
}

void run(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

sockaddr_in address(const char* text, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    inet_pton(AF_INET, text, &result.sin_addr);
    return result;
}

/// A thread that lives in a network namespace of its own, joined to this one by a veth pair: 10.9.0.1 here, 10.9.0.2
/// there.
class OtherHost {
 public:
    OtherHost() : thread_([this] { live(); }) {
        while (thread_id_ == 0) {
            usleep(1'000);
        }
        const std::string id = std::to_string(thread_id_);
        const std::string there =
            "nsenter --net=/proc/" + std::to_string(getpid()) + "/task/" + id + "/ns/net ";
        run("ip link add here type veth peer name there netns " + id);
        run("ip addr add 10.9.0.1/24 dev here && ip link set here up");
        run(there + "ip addr add 10.9.0.2/24 dev there && " + there + "ip link set there up");
    }
    ~OtherHost() {
        EXPECT_EQ(std::system("ip link del here"), 0);
        over_ = true;
        thread_.join();
    }
    OtherHost(const OtherHost&) = delete;
    OtherHost& operator=(const OtherHost&) = delete;

    /// A socket of that host, connected to a port of this one.
    ground::Socket connect(std::uint16_t port) {
        int descriptor = -1;
        std::thread([&] {
            const int there =
                checked(open(("/proc/self/task/" + std::to_string(thread_id_) + "/ns/net").c_str(),
                             O_RDONLY | O_CLOEXEC),
                        "open");
            checked(setns(there, CLONE_NEWNET), "setns");
            close(there);
            descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        }).join();
        ground::Socket client(checked(descriptor, "socket"));
        const sockaddr_in server = address("10.9.0.1", port);
        checked(::connect(client.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server),
                "connect");
        return client;
    }

 private:
    void live() {
        checked(unshare(CLONE_NEWNET), "unshare");
        thread_id_ = gettid();
        while (!over_) {
            usleep(5'000);
        }
    }

    std::atomic<pid_t> thread_id_{0};
    std::atomic<bool> over_{false};
    std::thread thread_;
};

class RemotePeer : public testing::Test {
 protected:
    RemotePeer() {
        connection_.listener = ground::Socket::create(ground::Network::ipv4);
        const sockaddr_in own = address("10.9.0.1", 0);
        checked(
            bind(connection_.listener.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own),
            "bind");
        checked(listen(connection_.listener.get(), 8), "listen");
        connection_.server_port = connection_.listener.port();
        connection_.client = other_host_.connect(connection_.server_port);
        connection_.server = ground::accept(connection_.listener);
    }

    /// How the server's CLOSE-WAIT, which began half a second before, ends.
    void expect_end(Follower& follower, const std::string& end) {
        follower.watch_for("server close_wait " + end, 2s);
        EXPECT_EQ(follower.endings(), std::vector<std::string>{"server close_wait " + end});
        const auto lasted = follower.ended_after("server close_wait " + end);
        ASSERT_TRUE(lasted) << "how long it lasted is known whichever way it ended";
        EXPECT_GE(*lasted, 400ms);
        EXPECT_LE(*lasted, 1'200ms);
        const bool closed = end == "closed";
        EXPECT_EQ(follower.went("server close_wait -> last_ack"), closed);
        EXPECT_FALSE(follower.went("server close_wait -> close"));
    }

    OtherHost other_host_;
    ground::Connection connection_;
};

TEST_F(RemotePeer, AClose) {
    Follower follower(connection_, 60s);
    connection_.client.shut_down();
    follower.watch(500ms);
    connection_.server.close();
    expect_end(follower, "closed");
}

TEST_F(RemotePeer, AReset) {
    Follower follower(connection_, 60s);
    connection_.client.shut_down();
    follower.watch(500ms);
    connection_.client.reset();
    expect_end(follower, "unknown");
}

TEST_F(RemotePeer, ACloseWithUnreadData) {
    Follower follower(connection_, 60s);
    connection_.client.write("twenty-six bytes, as a day");
    connection_.client.shut_down();
    follower.watch(500ms);
    connection_.server.close();
    expect_end(follower, "unknown");
}

}  // namespace
}  // namespace halfclosed
