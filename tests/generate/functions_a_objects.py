import random, json, sys
seed=int(sys.argv[1]); N=int(sys.argv[2]); R=random.Random(seed)
OBJ=['(toDate "2006-01-02" "2020-02-03")','(toDate "2006-01-02" "x")','(semver "1.2.3-rc.1+b")','(semver "1.2.3")','.Capabilities','.Capabilities.KubeVersion','.Capabilities.APIVersions','.Capabilities.HelmVersion','.Files','(.Files.GetBytes "a.txt")','(.Files.Get "a.txt")','(.Files.Glob "*")','(.Files.Lines "a.txt")','(toDate "2006" "2020").Month','(toDate "2006" "2020").Weekday','(toDate "2006" "2020").UTC','((toDate "2006" "2020").Sub (toDate "2006" "2019"))','.Values','.Release','.Chart','.Template','(regexFindAll "a" "aaa" -1)','(regexSplit "," "a,b" -1)','(fromJson "{\\"a\\":[1,2,3]}")','(fromJsonArray "[1,2,3]")','(urlParse "http://a/b")','nil','1','"a"','(list 1)','(dict "a" 1)','.Capabilities.KubeVersion.Version','.Subcharts']
def o(): return R.choice(OBJ)
ONE=['typeOf','kindOf','toString','quote','squote','empty','int','int64','float64','toDecimal','first','last','rest','reverse','uniq','compact','len','toStrings','sortAlpha','keys','values','cat','join ","','has 1','has "a"','add1','deepCopy','floor','coalesce','any','all','default "D"','default','ternary 1 2','hasKey','get','upper','trim','merge (dict)','merge (dict "a" nil)','mergeOverwrite (dict "b" 2)','omit','dig "a" "b"','printf "%v"','printf "%#v"','printf "%s"','printf "%T"','concat','chunk 2','append (list)','list','kindIs "struct"','kindIs "int"','typeIs "time.Time"','typeIsLike "semver.Version"','typeIsLike "common.Capabilities"','mul 2','addf 1.5','max 3','urlJoin','seq','until','trunc 3','slice']
out=[]
for k in range(N):
    r=R.randrange(8)
    if r<4:
        t='{{ '+R.choice(ONE)+' '+o()+' }}'
    elif r==4:
        t='{{ '+R.choice(['deepEqual','eq','has','dict "k"','default','coalesce','list','merge','mustMerge','mergeOverwrite','cat','ternary','append','prepend','without','set','plural "a"'])+' '+o()+' '+o()+' }}'
    elif r==5:
        a,b=o(),o(); t='{{ $a := dict "x" '+a+' "y" 1 }}{{ $b := dict "x" '+b+' "z" nil }}{{ '+R.choice(['merge','mustMerge','mergeOverwrite','mustMergeOverwrite'])+' $a $b }}{{ $a }}'
    elif r==6:
        a=o(); t='{{ $a := '+a+' }}{{ deepEqual $a (deepCopy $a) }}{{ deepEqual $a '+a+' }}{{ deepEqual (list $a) (list '+a+') }}{{ typeOf (deepCopy $a) }}{{ deepCopy $a }}'
    else:
        a=o(); t='{{ $l := list '+a+' '+o()+' '+a+' }}{{ uniq $l | len }}{{ '+R.choice(['toString $l','join "-" $l','sortAlpha $l','compact $l | len','has '+a+' $l','quote $l','first $l | kindOf','deepCopy $l | len'])+' }}'
    out.append({"id":f"g4-{seed}-{k}","template":t,"values":{"a":1,"m":{"b":None}},"files":{"a.txt":"x\ny\n","b/c":"q"}})
for x in out: print(json.dumps(x))
