// Texts beyond ASCII: UTF-16 units, pairs that are never cut, case and accents.
#include "core/expression_text.hpp"

#include "core/expression_examples.hpp"

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

TEST_CASE("lengths and positions count UTF-16 units") {
    CHECK(evaluated(R"(Len("a😀ö"))") == "4");
    CHECK(evaluated(R"(InStr("😀b", "b"))") == "3");
    CHECK(evaluated(R"(InStrRev("😀b😀b", "b"))") == "6");
    CHECK(evaluated(R"(InStrRev("😀b😀b", "b", 5))") == "3");
    CHECK(evaluated(R"(InStr("b😀b", "b", 2))") == "4");
    CHECK(evaluated(R"(InStr("b😀b", "b", 3))") == "4");
    CHECK(evaluated(R"(PadLeft("😀", 4, "x"))") == R"("xx😀")");
}

TEST_CASE("a surrogate pair is never cut") {
    CHECK(evaluated(R"(Left("a😀b", 2))") == R"("a")");
    CHECK(evaluated(R"(Left("a😀b", 3))") == R"("a😀")");
    CHECK(evaluated(R"(Right("a😀b", 2))") == R"("b")");
    CHECK(evaluated(R"(Right("a😀b", 3))") == R"("😀b")");
    CHECK(evaluated(R"(Mid("a😀b", 3, 2))") == R"("b")");
    CHECK(evaluated(R"(PadRight("a", 4, "😀"))") == R"("a😀")");
}

TEST_CASE("Left, Right and Mid at and beyond the ends, as Microsoft documents") {
    CHECK(evaluated(R"(Left("abc", 0))") == R"("")");
    CHECK(evaluated(R"(Left("abc", -1))") == R"("abc")");
    CHECK(evaluated(R"(Left("abc", 9223372036854775807))") == R"("abc")");
    CHECK(evaluated(R"(Right("abc", 0))") == R"("")");
    CHECK(evaluated(R"(Right("abc", -1))") == R"("abc")");
    CHECK(evaluated(R"(Right("abc", 9))") == R"("abc")");
    CHECK(evaluated(R"(Mid("abc", 2, 0))") == R"("")");
    CHECK(evaluated(R"(Mid("abc", 2, -1))") == R"("abc")");
    CHECK(evaluated(R"(Mid("abc", 0, 1))") == R"("abc")");
    CHECK(evaluated(R"(Mid("abc", 4, 1))") == R"("abc")");
    CHECK(evaluated(R"(Mid("abc", 3, 9223372036854775807))") == R"("c")");
    CHECK(evaluated(R"(Mid("", 1, 1))") == R"("")");
}

TEST_CASE("Microsoft's table of letters without diacritics") {
    const auto plain = [](std::string_view text) { return expressions::without_diacritics(text); };
    CHECK(plain("äàâãåáąăāā́ā̀ā̂ā̃ǟā̈ǡa̱å̄") == std::string(18, 'a'));
    CHECK(plain("æǣ") == "aeae");
    CHECK(plain("ÆǢ") == "AEAE");
    CHECK(plain("çčćc̄c̱ďd̄ḏ") == "cccccddd");
    CHECK(plain("ëèéêęěėēḗḕē̂ē̃ê̄e̱ë̄e̊̄") == std::string(16, 'e'));
    CHECK(plain("ğḡg̱ïîìíıī") == "gggiiiiii");
    CHECK(plain("İ") == "I");
    CHECK(plain("ľłl̄ḹḻŁ") == "lllllL");
    CHECK(plain("ñńňöòőõôóōȫǭȭȱ") == "nnnooooooooooo");
    CHECK(plain("øø̄œ̄Ø") == "oeoeoeOE");
    CHECK(plain("řṟßšśșşťțṯ") ==
          "rrsssssstt"
          "t");
    CHECK(plain("üùûúůűūǖṻÿýȳźžżẕ") == "uuuuuuuuuyyyzzzz");
    CHECK(plain("Zoë Ünal") == "Zoe Unal");
}

TEST_CASE("scripts whose signs spell vowels are left alone") {
    CHECK(expressions::without_diacritics("한글") == "한글");
    CHECK(expressions::without_diacritics("हिन्दी") == "हिन्दी");
    CHECK(expressions::without_diacritics("がぎ") == "がぎ");
    CHECK(expressions::without_diacritics("שָׁלוֹם") == "שָׁלוֹם");
}

TEST_CASE("letters change case one for one, everywhere the same") {
    CHECK(evaluated(R"(ToUpper("straße éλж"))") == R"("STRAßE ÉΛЖ")");
    CHECK(evaluated(R"(ToLower("ÉΛЖ İ"))") == R"("éλж İ")");
    CHECK(evaluated(R"(ToUpper("ı"))") == R"("ı")");
    CHECK(evaluated(R"(ToUpper("istanbul ı", "tr-TR"))") == R"("İSTANBUL I")");
    CHECK(evaluated(R"(ToLower("IİI", "az"))") == R"("ıiı")");
    CHECK(evaluated(R"(ToUpper("i", "ja-JP"))") == R"("I")");
    CHECK(evaluated(R"(PCase("TEsT"))") == R"("Test")");
    CHECK(evaluated(R"(PCase("émile_zola ÖL"))") == R"("Émile_Zola Öl")");
}

TEST_CASE("InStr ignores case where it is asked to") {
    CHECK(evaluated(R"(InStr("ABCÖ", "ö", 1, vbTextCompare))") == "4");
    CHECK(evaluated(R"(InStr("ABCÖ", "ö", , VBTEXTCOMPARE))") == "4");
    CHECK(evaluated(R"(InStr("ABCÖ", "ö"))") == "0");
    CHECK(evaluated(R"(InStr("abc", ""))") == "1");
    CHECK(evaluated(R"(InStr("", "a"))") == "0");
    CHECK(evaluated(R"(InStr("", ""))") == "0");
    CHECK(evaluated(R"(InStr("abab", "a", 0))") == "1");
    CHECK(evaluated(R"(InStr("abab", "a", -5))") == "1");
    CHECK(evaluated(R"(InStr("abab", "a", 99))") == "0");
    CHECK(evaluated(R"(InStrRev("abab", "ab", 3))") == "1");
    CHECK(evaluated(R"(InStrRev("abab", "AB", 4, vbTextCompare))") == "3");
    CHECK(evaluated(R"(InStrRev("abab", "x"))") == "0");
    CHECK(evaluated(R"(Contains([proxyAddresses], "SMTP:VENTE", CaseInsensitive))") == "2");
}

TEST_CASE("Word, Split and Join at their edges") {
    CHECK(evaluated(R"(Word("a b", 0, " "))") == R"("")");
    CHECK(evaluated(R"(Word("a b", 3, " "))") == R"("")");
    CHECK(evaluated(R"(Word("  a  b ", 2, " "))") == R"("b")");
    CHECK(evaluated(R"(Word("abc", 1, ""))") == R"("abc")");
    CHECK(evaluated(R"(Word("a–b—c", 3, "–—"))") == R"("c")");
    CHECK(evaluated(R"(Split("a,b,c", ",", 2))") == R"(["a", "b,c"])");
    CHECK(evaluated(R"(Split("a,b", ""))") == R"(["a,b"])");
    CHECK(evaluated(R"(Count(Split("a,,b", ",")))") == "3");
    CHECK(evaluated(R"(Item(Split("a,,b", ","), 3))") == R"("b")");
    // No directory takes an empty value.
    CHECK(evaluated(R"(Split("a,,b", ","))") == R"(["a", "b"])");
    CHECK(evaluated(R"(Join("-", "", [visibility], Split(",x", ",")))") == R"("x")");
    CHECK(evaluated(R"(Join("-", "", ""))") == R"("")");
}

TEST_CASE("a regular expression works on characters, as .NET's does") {
    CHECK(evaluated(R"(Replace("a😀b", , ".", , "x", , ))") == R"("xxx")");
    CHECK(evaluated(R"(Replace("١٢", , "\d", , "x", , ))") == R"("xx")");
    CHECK(evaluated(R"(Replace("Österreich", , "^\w+$", , "x", , ))") == R"("x")");
    CHECK(evaluated(R"(Replace("baaac", , "a*", , "x", , ))") == R"("xbxxcx")");
    CHECK(evaluated(R"e(Replace("ab", , "(?<n>a)(b)", , "$1$2${n}$&$$$9${x}$", , ))e") ==
          R"("baaab$$9${x}$")");
    CHECK(evaluated(R"(Replace("aXbX", , "(?<c>[a-z])X", "c", "-", , ))") == R"("-X-X")");
    CHECK(evaluated(R"(Replace("a\nb", , "(?m)^", , ">", , ))") == R"(">a\\nb")");
    CHECK(evaluated(R"(Replace("😀", , "", , "-", , ))") == R"("-😀-")");
    CHECK(evaluated(R"e(Replace("abc", , "(?=b)", , "-", , ))e") == R"("a-bc")");
    CHECK(evaluated(R"e(Replace("ab", , "(?<=a)\Kb", , "c", , ))e") == R"("ac")");
}

TEST_CASE("distinguished names are taken apart and escaped") {
    CHECK(evaluated(R"(DNComponent("CN=a\\2Cb, OU=\\C3\\B6", 1))") == R"("a,b")");
    CHECK(evaluated(R"(DNComponent("CN=a\\2Cb, OU=\\C3\\B6", 2))") == R"("ö")");
    CHECK(evaluated(R"(DNComponent("CN=a", 2))") == "NULL");
    CHECK(evaluated(R"(DNComponent("no name", 1))") == R"("")");
    CHECK(evaluated(R"(DNComponent("CN=a\\", 1))") == R"("a")");
    CHECK(evaluated(R"(EscapeDNComponent("OU= a,b+c#""d;<e>\\ "))") ==
          R"("OU=\\ a\\,b\\+c#\\\"d\\;\\<e\\>\\\\\\ ")");
    CHECK(evaluated(R"(EscapeDNComponent("#a"))") == R"("\\#a")");
    CHECK(evaluated("EscapeDNComponent(\"a\nb\")") == R"("a\\0Ab")");
}

TEST_CASE("encodings go there and back") {
    for (const std::string text : {"", "a", "ab", "abc", "😀ö", "Hello world!"}) {
        CHECK(expressions::from_base64(expressions::to_base64(text)) == text);
        CHECK(expressions::from_hexadecimal(expressions::to_hexadecimal(text)) == text);
        CHECK(expressions::from_utf16(expressions::to_utf16(text)) == text);
    }
    CHECK(evaluated(R"(ConvertFromUTF8Hex("C328"))") == "\"\xEF\xBF\xBD(\"");
    CHECK(evaluated(R"(ConvertFromUTF8Hex("C"))").starts_with("held"));
    CHECK(evaluated(R"(ConvertFromBase64("AA=A"))").starts_with("held"));
    CHECK(evaluated(R"(ConvertFromBase64("ANg=", Unicode))") == "\"\xEF\xBF\xBD\"");
}
