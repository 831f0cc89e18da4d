// Makes the recorded netlink streams of tests/fixtures/netlink, and beside each the text of ss at the same instant:
//
//     record_fixtures DIRECTORY
//
// Everything happens in a network namespace of its own. The names begin with the kernel's version.

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "ground/kinds.h"
#include "ground/private_namespace.h"
#include "ground/second_opinion.h"
#include "netlink/recording.h"
#include "netlink/request.h"

namespace halfclosed {

namespace {

using Bytes = std::vector<std::byte>;
using netlink::Walk;

/// Where struct inet_diag_req_v2, and struct inet_diag_req, have the byte that asks for extensions.
constexpr std::size_t kExtensions = sizeof(nlmsghdr) + offsetof(inet_diag_req_v2, idiag_ext);

/// The kernel's whole answer to one request, as it came.
Bytes answer(const Bytes& request, bool is_dump) {
    const int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (descriptor < 0 || send(descriptor, request.data(), request.size(), 0) < 0) {
        throw std::runtime_error("cannot ask the kernel");
    }
    Bytes all;
    std::vector<std::byte> buffer(65'536);
    for (bool done = false; !done;) {
        const ssize_t received = recv(descriptor, buffer.data(), buffer.size(), 0);
        if (received < 0) {
            throw std::runtime_error("no answer");
        }
        const auto begin = buffer.begin();
        all.insert(all.end(), begin, begin + received);
        // The end of a dump stands alone in its datagram or last in it, twenty bytes long.
        nlmsghdr last{};
        std::memcpy(&last, &*(begin + received - 20), sizeof last);
        nlmsghdr first{};
        std::memcpy(&first, buffer.data(), sizeof first);
        done = !is_dump || first.nlmsg_type == NLMSG_ERROR ||
               (last.nlmsg_type == NLMSG_DONE && last.nlmsg_len == 20);
    }
    close(descriptor);
    return all;
}

Bytes dump(const netlink::Query& query, Walk walk, Family family = Family::ipv4) {
    return answer(netlink::dump_request(query, walk, family, 1), true);
}

/// Both families, a dump for each.
Bytes two_dumps() {
    Bytes all = dump({}, Walk::one_family, Family::ipv4);
    const Bytes ipv6 = dump({}, Walk::one_family, Family::ipv6);
    all.insert(all.end(), ipv6.begin(), ipv6.end());
    return all;
}

class Recorder {
 public:
    explicit Recorder(std::string directory) : directory_(std::move(directory)) {
        utsname system{};
        uname(&system);
        const std::string release = system.release;
        version_ = release.substr(0, release.find('.', release.find('.') + 1));
    }

    std::string path(const std::string& name) const {
        return directory_ + "/" + version_ + "-" + name;
    }

    void write(const std::string& name, const Bytes& bytes) const {
        std::ofstream file(path(name), std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
        if (!file.flush()) {
            throw std::runtime_error("cannot write " + path(name));
        }
        std::printf("%6zu bytes  %s\n", bytes.size(), path(name).c_str());
    }

    void write(const std::string& name, const std::string& text) const {
        const auto bytes = std::as_bytes(std::span(text));
        write(name, Bytes(bytes.begin(), bytes.end()));
    }

 private:
    std::string directory_;
    std::string version_;
};

/// One connection of each kind and network; every other kind belongs to uid 1000.
struct Everything {
    std::vector<ground::Connection> connections;
    std::vector<ground::FullQueue> queues;

    Everything() {
        bool other_user = geteuid() == 0;
        for (const ground::Kind& kind : ground::kinds()) {
            if (other_user && seteuid(1000) != 0) {
                throw std::runtime_error("cannot become another user");
            }
            for (const ground::Network network : ground::kNetworks) {
                connections.push_back(ground::make(kind, network, tracking::Side::server));
            }
            if (other_user && seteuid(0) != 0) {
                throw std::runtime_error("cannot become root again");
            }
            other_user = !other_user && geteuid() == 0;
        }
        for (const ground::Network network : ground::kNetworks) {
            connections.push_back(ground::make_request_socket(network));
            queues.push_back(ground::make_syn_sent(network));
        }
    }
};

std::vector<ground::Line> lines(const Bytes& stream) {
    return ground::as_ss_writes(netlink::read_recording(stream, "recording").records);
}

void record(const Recorder& recorder) {
    recorder.write("nothing.dump", dump({}, Walk::both_at_once));

    const Everything everything;
    Bytes stream;
    std::string text;
    Bytes in_two;
    do {
        stream = dump({}, Walk::both_at_once);
        text = ground::run_ss("-tanoeH");
        // -D writes what it reads and prints nothing.
        ground::run_ss("-tan -D " + recorder.path("by-ss.dump"));
        in_two = two_dumps();
    } while (lines(in_two) != lines(stream) || lines(stream) != ground::parse_ss(text));
    recorder.write("every-kind.dump", stream);
    recorder.write("every-kind.ss", text);
    recorder.write("two-families.dump", in_two);

    // With every extension, as other programs ask for them: attributes that we do not know, and struct tcp_info.
    Bytes request =
        netlink::dump_request({{TcpState::close_wait}, {}}, Walk::one_family, Family::ipv4, 1);
    request[kExtensions] = std::byte{0xff};
    recorder.write("every-extension.dump", answer(request, true));

    const auto records = ground::look({TcpState::close_wait});
    SocketIdentity socket = identity(records.at(0));
    recorder.write("get.reply", answer(netlink::get_request(socket, true, 1), false));
    socket.cookie = Cookie{1};
    recorder.write("get-gone.reply", answer(netlink::get_request(socket, true, 1), false));

    // A filter program that the kernel's audit refuses: its first jump leads nowhere.
    request =
        netlink::dump_request({kAllStates, {{9999, 9999}}}, Walk::both_at_once, Family::ipv4, 1);
    request[request.size() - 18] = std::byte{3};
    recorder.write("refused.reply", answer(request, true));
}

}  // namespace

}  // namespace halfclosed

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: record_fixtures DIRECTORY\n");
        return 2;
    }
    try {
        halfclosed::ground::enter_private_namespace();
        halfclosed::record(halfclosed::Recorder(argv[1]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "record_fixtures: %s\n", error.what());
        return 1;
    }
}
