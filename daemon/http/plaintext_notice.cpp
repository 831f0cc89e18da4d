#include "http/plaintext_notice.h"

#include <sys/socket.h>

#include <array>
#include <string_view>

namespace halfclosed::http {

bool answered_plain_http(int descriptor) {
    // A method begins with a letter, a handshake with 22 (RFC 8446, 5.1).
    char first = '\0';
    if (recv(descriptor, &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1 || first < 'A' || first > 'Z') {
        return false;
    }
    // What is left unread turns the end of the connection into a reset, which may overtake the answer.
    std::array<char, 16'384> request{};
    if (recv(descriptor, request.data(), request.size(), MSG_DONTWAIT) < 0) {
        return false;
    }
    constexpr std::string_view kAnswer =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        "35\r\n"
        "Connection: close\r\n\r\nthis port speaks HTTPS: use https:\n";
    send(descriptor, kAnswer.data(), kAnswer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(descriptor, SHUT_WR);
    return true;
}

}  // namespace halfclosed::http
