"""Invented people of many languages and scripts, each with an ASCII user name."""

from dataclasses import dataclass

from o365desk.simulator.ids import mix


@dataclass(frozen=True, slots=True)
class Person:
    """A name as its owner writes it, and as a user name can hold it."""

    display: str
    given: str
    surname: str
    local: str
    """The part of the UPN before the @."""
    language: str
    country: str


@dataclass(frozen=True, slots=True)
class Culture:
    """Given names and surnames of one language; `native:ascii` where the two differ."""

    language: str
    country: str
    given: tuple[tuple[str, str], ...]
    surnames: tuple[tuple[str, str], ...]
    surname_first: bool = False


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    result = []
    for word in text.split():
        native, _colon, plain = word.partition(":")
        result.append((native.replace("_", " "), plain or native.lower()))
    return tuple(result)


def _culture(
    language: str, country: str, given: str, surnames: str, *, surname_first: bool = False
) -> Culture:
    return Culture(language, country, _pairs(given), _pairs(surnames), surname_first)


CULTURES = (
    _culture(
        "en-GB",
        "GB",
        "Amelia Oliver Isla Harry Freya Callum Nia Rhys Eilidh Hamish",
        "Whitfield Okafor Pemberton Ashcroft O'Rourke:o'rourke Llewellyn Fairbairn Hadley "
        "Carmichael Thistlewood",
    ),
    _culture(
        "cs-CZ",
        "CZ",
        "Jiří:jiri Anežka:anezka Ondřej:ondrej Zdeňka:zdenka Matěj:matej Lucie Šárka:sarka "
        "Tomáš:tomas Eliška:eliska Vojtěch:vojtech",
        "Dvořák:dvorak Nováková:novakova Řezníček:reznicek Šťastná:stastna Černý:cerny "
        "Procházka:prochazka Žák:zak Kučera:kucera Ptáčník:ptacnik Říhová:rihova",
    ),
    _culture(
        "el-GR",
        "GR",
        "Ελένη:eleni Γιώργος:giorgos Μαρία:maria Νίκος:nikos Αικατερίνη:aikaterini "
        "Δημήτρης:dimitris Σοφία:sofia Κώστας:kostas Άννα:anna Πέτρος:petros",
        "Παπαδοπούλου:papadopoulou Νικολάου:nikolaou Γεωργίου:georgiou Κωστόπουλος:kostopoulos "
        "Δημητρίου:dimitriou Βλάχος:vlachos Αντωνίου:antoniou Οικονόμου:oikonomou "
        "Μακρής:makris Ξανθάκη:xanthaki",
    ),
    _culture(
        "ar-AE",
        "AE",
        "فاطمة:fatima محمد:mohammed ليلى:layla يوسف:yousef مريم:maryam خالد:khaled نور:nour "
        "عمر:omar سلمى:salma حسن:hassan",
        "الهاشمي:alhashimi المنصوري:almansoori الزعابي:alzaabi حداد:haddad العلي:alali "
        "القاسمي:alqasimi السويدي:alsuwaidi نجار:najjar الخوري:alkhoury بركات:barakat",
    ),
    _culture(
        "ja-JP",
        "JP",
        "健太:kenta さくら:sakura 陽子:yoko 翔:sho 美咲:misaki 大輔:daisuke 結衣:yui 拓也:takuya "
        "真由美:mayumi 直樹:naoki",
        "佐藤:sato 鈴木:suzuki 高橋:takahashi 渡辺:watanabe 伊藤:ito 山本:yamamoto 中村:nakamura "
        "小林:kobayashi 加藤:kato 吉田:yoshida",
        surname_first=True,
    ),
    _culture(
        "tr-TR",
        "TR",
        "Ayşe:ayse Mehmet Elif Çağrı:cagri Gülşen:gulsen İbrahim:ibrahim Işıl:isil Oğuz:oguz "
        "Şebnem:sebnem Ümit:umit",
        "Yılmaz:yilmaz Öztürk:ozturk Şahin:sahin Çelik:celik Güneş:gunes Aydın:aydin Koç:koc "
        "Doğan:dogan Işık:isik Türkoğlu:turkoglu",
    ),
    _culture(
        "hi-IN",
        "IN",
        "अनन्या:ananya राहुल:rahul प्रिया:priya अर्जुन:arjun दीपिका:deepika विक्रम:vikram सुनीता:sunita "
        "अमित:amit काव्या:kavya रोहन:rohan",
        "शर्मा:sharma पटेल:patel सिंह:singh गुप्ता:gupta अय्यर:iyer मेहता:mehta जोशी:joshi "
        "चौधरी:chaudhary नायर:nair बनर्जी:banerjee",
    ),
    _culture(
        "pl-PL",
        "PL",
        "Łukasz:lukasz Małgorzata:malgorzata Paweł:pawel Agnieszka Zofia Wojciech Żaneta:zaneta "
        "Stanisław:stanislaw Bożena:bozena Jacek",
        "Wiśniewska:wisniewska Kowalczyk Dąbrowski:dabrowski Zając:zajac Wójcik:wojcik "
        "Kamińska:kaminska Szczęsny:szczesny Pawłowska:pawlowska Gołąb:golab Jabłoński:jablonski",
    ),
    _culture(
        "vi-VN",
        "VN",
        "Thị_Hương:huong Văn_Đức:duc Ngọc_Ánh:anh Minh_Tuấn:tuan Bảo_Châu:chau Quốc_Khánh:khanh "
        "Thùy_Linh:linh Hữu_Phước:phuoc Mai_Phương:phuong Đình_Long:long",
        "Nguyễn:nguyen Trần:tran Lê:le Phạm:pham Hoàng:hoang Đặng:dang Bùi:bui Đỗ:do Hồ:ho Vũ:vu",
        surname_first=True,
    ),
    _culture(
        "de-DE",
        "DE",
        "Jürgen:juergen Käthe:kaethe Björn:bjoern Anneliese Günther:guenther Sophie Matthias "
        "Bärbel:baerbel Lukas Ursula",
        "Müller:mueller Schröder:schroeder Weiß:weiss Böhm:boehm Köhler:koehler Groß:gross "
        "Hoffmann Krüger:krueger Zimmermann Jäger:jaeger",
    ),
    _culture(
        "fr-FR",
        "FR",
        "Zoé:zoe François:francois Hélène:helene Jérôme:jerome Agnès:agnes Noël:noel "
        "Maëlys:maelys Étienne:etienne Inès:ines Loïc:loic",
        "Lefèvre:lefevre Dubois Garçon:garcon Béranger:beranger Moreau Lemaître:lemaitre Girard "
        "Thévenet:thevenet Rousseau Château:chateau",
    ),
    _culture(
        "uk-UA",
        "UA",
        "Оксана:oksana Тарас:taras Ірина:iryna Богдан:bohdan Соломія:solomiia Андрій:andrii "
        "Наталія:nataliia Юрій:yurii Катерина:kateryna Остап:ostap",
        "Шевченко:shevchenko Коваленко:kovalenko Бондаренко:bondarenko Мельник:melnyk "
        "Ткачук:tkachuk Кравець:kravets Гончар:honchar Лисенко:lysenko Поліщук:polishchuk "
        "Савчук:savchuk",
    ),
    _culture(
        "ko-KR",
        "KR",
        "민준:minjun 서연:seoyeon 지훈:jihoon 하은:haeun 도윤:doyun 수아:sua 현우:hyunwoo "
        "지민:jimin 예린:yerin 태영:taeyoung",
        "김:kim 이:lee 박:park 최:choi 정:jung 강:kang 조:cho 윤:yoon 장:jang 임:lim",
        surname_first=True,
    ),
    _culture(
        "he-IL",
        "IL",
        "נועה:noa דוד:david שירה:shira יונתן:yonatan תמר:tamar איתי:itai מיכל:michal אורי:uri "
        "רחל:rachel גיל:gil",
        "כהן:cohen לוי:levi מזרחי:mizrahi פרץ:peretz ביטון:biton אברהם:avraham פרידמן:friedman "
        "שפירא:shapira רוזן:rosen ברק:barak",
    ),
    _culture(
        "is-IS",
        "IS",
        "Þórunn:thorunn Ásgeir:asgeir Guðrún:gudrun Sigurður:sigurdur Ólöf:olof Björk:bjork "
        "Hrafn Ævar:aevar Eydís:eydis Jökull:jokull",
        "Jónsdóttir:jonsdottir Þórsson:thorsson Sigurðardóttir:sigurdardottir Ólafsson:olafsson "
        "Ægisdóttir:aegisdottir Björnsson:bjornsson Hallsdóttir:hallsdottir Steinsson "
        "Árnadóttir:arnadottir Helgason",
    ),
    _culture(
        "th-TH",
        "TH",
        "สมชาย:somchai มาลี:malee ณัฐพล:nattapon สุภาพร:supaporn กิตติ:kitti อรุณี:arunee ประเสริฐ:prasert "
        "วิไล:wilai ธนา:thana พิมพ์ชนก:pimchanok",
        "ศรีสุข:srisuk แสงทอง:saengthong บุญมี:boonmee จันทร์เพ็ญ:chanpen วงศ์ไทย:wongthai ใจดี:jaidee "
        "รัตนา:rattana ทองคำ:thongkham พงษ์ศักดิ์:pongsak สายชล:saichon",
    ),
)
_BY_LANGUAGE = {culture.language: culture for culture in CULTURES}

JOBS = (
    ("Office Manager", "Administration"),
    ("Account Executive", "Sales"),
    ("Accountant", "Finance"),
    ("Project Lead", "Operations"),
    ("Field Technician", "Service"),
    ("Designer", "Marketing"),
    ("Controller", "Finance"),
    ("Developer", "Engineering"),
    ("Support Specialist", "Service"),
    ("Buyer", "Purchasing"),
    ("HR Partner", "Human Resources"),
    ("Driver", "Logistics"),
)


def person(draw: int, home: str) -> Person:
    """The person of a 64-bit draw; six in ten speak the tenant's own language."""
    culture = _BY_LANGUAGE[home] if draw % 10 < 6 else CULTURES[(draw >> 8) % len(CULTURES)]
    given, given_plain = culture.given[(draw >> 20) % 10]
    surname, surname_plain = culture.surnames[(draw >> 32) % 10]
    display = f"{surname} {given}" if culture.surname_first else f"{given} {surname}"
    return Person(
        display,
        given,
        surname,
        f"{given_plain}.{surname_plain}",
        culture.language,
        culture.country,
    )


def draw_of(seed: int, index: int) -> int:
    """The draw of one user of a tenant."""
    return mix(seed ^ (index * 0x9E3779B97F4A7C15))
