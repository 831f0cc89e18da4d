#include "exporters/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <new>
#include <optional>

#include "text/words.h"

namespace halfclosed::exporters {

namespace {

/// The part before the separator, which is taken off `text` together with it.
std::string_view next(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return text::trimmed(part);
}

bool equal_but_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

/// "q=0", "q=0.0", …: weights are 0 to 1 with up to three digits.
bool refuses(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::string_view parameter = next(parameters, ';');
        if (parameter.size() > 2 && equal_but_case(parameter.substr(0, 2), "q=")) {
            return parameter.substr(2).find_first_not_of("0.") == std::string_view::npos;
        }
    }
    return false;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
    std::optional<bool> named;
    bool any = false;
    while (!accept_encoding.empty()) {
        std::string_view element = next(accept_encoding, ',');
        const std::string_view coding = next(element, ';');
        if (equal_but_case(coding, "gzip")) {
            named = !refuses(element);
        } else if (coding == "*") {
            any = !refuses(element);
        }
    }
    return named.value_or(any);
}

std::string gzip(std::string_view text) {
    constexpr int kGzipWindow = 15 + 16;  // zlib.h: 16 more asks for the gzip format
    constexpr int kMemoryLevel = 8;
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
    std::string result(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    const int ended = deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    if (ended != Z_STREAM_END) {
        throw std::bad_alloc();
    }
    return result;
}

}  // namespace halfclosed::exporters
