#include "http/http_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "http/listener.h"

namespace halfclosed::http {

namespace {

constexpr int kPatienceMilliseconds = 5000;

}  // namespace

HttpClient::HttpClient(const std::string& address) {
    const ListenAddress to = parse_listen_address(address);
    descriptor_ = socket(to.address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(descriptor_, to.address.data(), to.address.size()) != 0) {
        const std::string why = std::strerror(errno);
        close(descriptor_);
        throw std::runtime_error("connect to " + address + ": " + why);
    }
}

HttpClient::~HttpClient() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), unread_(std::move(other.unread_)) {
}

bool HttpClient::send(const std::string& bytes) {
    return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
}

std::optional<HttpReply> HttpClient::request(const std::string& method, const std::string& path,
                                             const std::string& more_headers) {
    send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more_headers + "\r\n");
    return read_reply(method != "HEAD");
}

bool HttpClient::receive_more() {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (poll(&waiting, 1, kPatienceMilliseconds) != 1) {
        return false;
    }
    std::array<char, 16384> buffer{};
    const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
        return false;
    }
    unread_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

std::optional<HttpReply> HttpClient::read_reply(bool with_body) {
    std::size_t end = std::string::npos;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive_more()) {
            return std::nullopt;
        }
    }
    HttpReply reply;
    std::istringstream head(unread_.substr(0, end));
    unread_.erase(0, end + 4);
    std::string line;
    std::getline(head, line);
    reply.status = std::stoi(line.substr(line.find(' ') + 1));
    while (std::getline(head, line)) {
        line.erase(line.find_last_not_of('\r') + 1);
        const std::size_t colon = line.find(": ");
        reply.headers[line.substr(0, colon)] = line.substr(colon + 2);
    }
    const std::size_t length = with_body ? std::stoul(reply.headers["Content-Length"]) : 0;
    while (unread_.size() < length) {
        if (!receive_more()) {
            return std::nullopt;
        }
    }
    reply.body = unread_.substr(0, length);
    unread_.erase(0, length);
    return reply;
}

bool HttpClient::ends_within(std::chrono::milliseconds patience, std::size_t* got) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd waiting{descriptor_, POLLIN, 0};
        if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) != 1) {
            return false;
        }
        std::array<char, 16384> buffer{};
        const ssize_t count = recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            return true;
        }
        if (got != nullptr) {
            *got += static_cast<std::size_t>(count);
        }
    }
}

void HttpClient::set_receive_buffer(int bytes) {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

std::optional<HttpReply> http_get(const std::string& address, const std::string& path,
                                  const std::string& more_headers) {
    return HttpClient(address).request("GET", path, more_headers);
}

}  // namespace halfclosed::http
