#include <dirent.h>
#include <gtest/gtest.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include "exporters/auth/certificate.h"
#include "exporters/auth/config_file.h"
#include "exporters/http/server.h"
#include "exporters/sample_snapshot.h"
#include "http/http_client.h"

namespace halfclosed::exporters {
namespace {

using http::HttpClient;

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::shared_ptr<const Snapshot> snapshot_of_now() {
    Snapshot snapshot = busy_report();
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    snapshot.instant = Instant(std::chrono::seconds(now.tv_sec));
    snapshot.fresh_for = 1h;
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

HttpOptions anywhere() {
    HttpOptions options;
    options.listen = {"127.0.0.1:0"};
    options.first = snapshot_of_now();
    return options;
}

/// The descriptors of many connections and of their server.
void allow_descriptors() {
    rlimit descriptors{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    descriptors.rlim_cur = std::min<rlim_t>(descriptors.rlim_max, 4096);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
}

std::chrono::nanoseconds cpu_time() {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// Of one core, for as long as nobody sends anything: the lesser share of two spans, for on a busy machine what came before
/// may be worked on in the first. Both are over before anybody is cut for silence.
double cpu_share_at_rest() {
    double least = 1;
    for (int span = 0; span < 2; ++span) {
        std::this_thread::sleep_for(300ms);
        const auto begin = Clock::now();
        const auto used = cpu_time();
        std::this_thread::sleep_for(2s);
        least = std::min(least,
                         std::chrono::duration<double>(cpu_time() - used) / (Clock::now() - begin));
    }
    return least;
}

std::uint16_t port_of(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

/// What the sockets of the server at this port hold unsent or unacknowledged, in bytes of kernel memory. They are this
/// process's own.
std::size_t send_queues(std::uint16_t port) {
    std::size_t bytes = 0;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc/self/fd"), closedir);
    while (const dirent* entry = readdir(directory.get())) {
        const int descriptor = std::atoi(entry->d_name);
        sockaddr_in address{};
        socklen_t length = sizeof address;
        std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
        socklen_t size = sizeof memory;
        if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
            address.sin_family == AF_INET && ntohs(address.sin_port) == port &&
            getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0) {
            bytes += memory[SK_MEMINFO_WMEM_QUEUED];
        }
    }
    return bytes;
}

/// Connections of this port that no descriptor belongs to while they still have something to send: proc(5),
/// /proc/net/tcp.
std::size_t orphans(std::uint16_t port) {
    std::ifstream file("/proc/thread-self/net/tcp");
    std::string line;
    std::getline(file, line);
    std::size_t count = 0;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string number, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
        words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
            timeout >> inode;
        const auto local_port = std::stoul(local.substr(local.find(':') + 1), nullptr, 16);
        const bool unsent = queues.substr(0, queues.find(':')) != "00000000";
        count += local_port == port && inode == "0" && unsent ? 1 : 0;
    }
    return count;
}

/// In libmicrohttpd's epoll mode each of these costs a whole core: a readiness that EAGAIN has disproved stays.
TEST(HttpResources, HalfATlsRecordCostsNothing) {
    allow_descriptors();
    const auth::Certificate certificate = auth::self_signed();
    const auth::GuardFile file("tls_server_config: {cert_file: a.crt, key_file: a.key}\n");
    file.write("a.crt", certificate.certificate);
    file.write("a.key", certificate.key);
    HttpOptions options = anywhere();
    options.access_policy = std::make_shared<const auth::AccessPolicy>(file.path());
    const HttpServer server(options);
    const std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    for (const std::string& part : {hello.substr(0, 1), hello}) {
        std::vector<HttpClient> clients;
        for (int i = 0; i < 250; ++i) {
            clients.emplace_back(server.addresses().at(0)).send(part);
        }
        EXPECT_LT(cpu_share_at_rest(), 0.01) << part.size() << " bytes";
    }
}

/// Readers with a small window who never read: what their answers hold in the kernel, while they are connected, while
/// they are cut and when they are gone.
TEST(HttpResources, UnreadAnswersHoldSixteenMebibytesOfTheKernelAtMost) {
    allow_descriptors();
    HttpOptions options = anywhere();
    options.limits.answer = 3s;
    options.limits.next_request = 2s;
    const HttpServer server(options);
    const std::string address = server.addresses().at(0);
    const std::uint16_t port = port_of(address);
    std::string requests;
    for (int i = 0; i < 20; ++i) {
        requests += "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
    std::size_t most = 0;
    std::vector<HttpClient> readers;
    for (int wave = 0; wave < 3; ++wave) {
        for (int i = 0; i < 300; ++i) {
            HttpClient& reader = readers.emplace_back(address);
            reader.set_receive_buffer(1);
            reader.send(wave == 1 ? "GET /metrics HTTP/1.0\r\n\r\n" : requests);
        }
        for (int i = 0; i < 10; ++i) {
            std::this_thread::sleep_for(100ms);
            most = std::max(most, send_queues(port));
        }
    }
    EXPECT_GT(most, std::size_t{1} << 20) << "they do hold something";
    EXPECT_LE(most, std::size_t{16} << 20);
    const auto deadline = Clock::now() + 20s;
    while (send_queues(port) > 0 && Clock::now() < deadline) {
        std::this_thread::sleep_for(100ms);
    }
    EXPECT_EQ(send_queues(port), 0U);
    EXPECT_EQ(orphans(port), 0U);
    RecordProperty("most_bytes", static_cast<int>(most));
}

}  // namespace
}  // namespace halfclosed::exporters
