#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace halfclosed::http {

struct HttpReply {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< by name as sent
    std::string body;
};

/// One TCP connection to "127.0.0.1:PORT" or "[::1]:PORT", that can do all that a client should not.
class HttpClient {
 public:
    /// Throws std::runtime_error if the connection is refused.
    explicit HttpClient(const std::string& address);
    ~HttpClient();
    HttpClient(HttpClient&& other) noexcept;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// False if the other side is gone.
    bool send(const std::string& bytes);

    /// Sends a request that keeps the connection, and reads the reply.
    std::optional<HttpReply> request(const std::string& method, const std::string& path,
                                     const std::string& more_headers = "");

    /// Reads one reply; nothing if the connection ends or `patience` runs out before it is whole.
    std::optional<HttpReply> read_reply(bool with_body = true);

    /// Whether the other side ends the connection within `patience`; `got` is how many bytes came before.
    bool ends_within(std::chrono::milliseconds patience, std::size_t* got = nullptr);

    void set_receive_buffer(int bytes);

 private:
    bool receive_more();

    int descriptor_ = -1;
    std::string unread_;
};

/// One request on a connection of its own.
std::optional<HttpReply> http_get(const std::string& address, const std::string& path,
                                  const std::string& more_headers = "");

}  // namespace halfclosed::http
