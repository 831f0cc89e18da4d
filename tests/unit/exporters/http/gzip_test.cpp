#include "exporters/http/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace halfclosed::exporters {
namespace {

std::string gunzip(const std::string& packed, std::size_t size) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    std::string text(size + 1, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    const int ended = inflate(&stream, Z_FINISH);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return ended == Z_STREAM_END ? text : "not a gzip member";
}

TEST(Gzip, ComesBackWhole) {
    for (const std::size_t size : {0U, 1U, 70'000U, 1'000'000U}) {
        std::string text;
        while (text.size() < size) {
            text += "halfclosed_sockets{port=\"" + std::to_string(text.size()) + "\"} 0\n";
        }
        text.resize(size);
        const std::string packed = gzip(text);
        EXPECT_EQ(gunzip(packed, size), text);
        if (size > 1000) {
            EXPECT_LT(packed.size() * 4, size);
        }
    }
}

TEST(AcceptsGzip, AsTheHeaderSays) {
    for (const char* yes : {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.5", " gzip ; q=1.0 , br",
                            "*", "br, *;q=0.1", "gzip, *;q=0"}) {
        EXPECT_TRUE(accepts_gzip(yes)) << yes;
    }
    for (const char* no : {"", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzip; Q=0", "*;q=0",
                           "gzip;q=0, *", "xgzip", "gzipx", ",;,", ";q=1"}) {
        EXPECT_FALSE(accepts_gzip(no)) << no;
    }
}

}  // namespace
}  // namespace halfclosed::exporters
